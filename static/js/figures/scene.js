// Both figures on one canvas: side by side on two mats, or one over the other on one.

import { Build } from './build.js';
import { Facing } from './facing.js';
import { Figure } from './figure.js';
import { Floor } from './floor.js';
import { GROUND, materials } from './material.js';
import { Names } from './names.js';
import { floorOf, stand } from './placing.js';
import { BONES, emptyJoints, isWhole } from './skeleton.js';
import { Port } from './viewpoint.js';

/** @typedef {'beside' | 'over'} Laid */
/** @typedef {import('./viewpoint.js').Viewpoint} Viewpoint */
/**
 * @typedef {object} Shown
 * @property {ArrayLike<number> | null} instructor 51 numbers, metres
 * @property {ArrayLike<number> | null} student
 * @property {(joint: string) => number} [off] how far the student's joint is off, 0..1
 */

/** On a canvas narrower than so much of its height, beside is beneath. */
const UPRIGHT = 0.7;

export class Scene {
  /** @type {Laid} */
  laid = 'beside';
  mirror = false;
  #context;
  #materials;
  #names;
  #instructor;
  #student;
  #floor = new Floor();
  #ports = { instructor: new Port(), student: new Port() };
  #letters = 16;
  /** The poses shown last: they are drawn again when they are turned. */
  #poses = { instructor: emptyJoints(), student: emptyJoints() };
  #isThere = { instructor: false, student: false };
  #build = new Build();
  #facing = new Facing();
  #worn = emptyJoints();
  #order = new Int16Array(Figure.parts);

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import('./names.js').Words} words
   */
  constructor(context, words) {
    this.#context = context;
    this.#materials = materials(context);
    this.#names = new Names(words);
    this.#instructor = new Figure(this.#materials, true);
    this.#student = new Figure(this.#materials, false);
  }

  /** @param {Shown} shown */
  take({ instructor, student, off }) {
    this.#isThere.instructor = keep(instructor, this.#poses.instructor);
    this.#isThere.student = keep(student, this.#poses.student);
    for (let bone = 0; bone < BONES.length; bone += 1) {
      const { joint } = BONES[bone];
      this.#student.off[bone] = off && joint ? Math.min(1, Math.max(0, off(joint))) : 0;
    }
    if (this.#isThere.student) this.#build.learn(this.#poses.student);
  }

  /**
   * To be called whenever the canvas has got another size.
   * @param {number} letters their size, pixels
   */
  fit(letters) {
    const { width, height } = this.#context.canvas;
    this.#letters = letters;
    this.#names.fit(this.#context, letters);
    const { instructor, student } = this.#ports;
    const below = 1.8 * letters;
    if (this.laid === 'over') {
      instructor.place(0, 0, width, height - below);
      student.place(0, 0, width, height - below);
    } else if (width < UPRIGHT * height) {
      instructor.place(0, 0, width, height / 2 - below);
      student.place(0, height / 2, width, height / 2 - below);
    } else {
      instructor.place(0, 0, width / 2, height - below);
      student.place(width / 2, 0, width / 2, height - below);
    }
  }

  /** @param {Viewpoint} view */
  draw(view) {
    const { canvas } = this.#context;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.fillStyle = GROUND;
    this.#context.fillRect(0, 0, canvas.width, canvas.height);
    this.#ports.instructor.look(view);
    this.#ports.student.look(view);
    if (this.laid === 'over') this.#drawOver();
    else this.#drawBeside();
  }

  #drawBeside() {
    const { instructor, student } = this.#isThere;
    const left = this.#ports.instructor;
    const right = this.#ports.student;
    this.#instructor.material = this.#materials.instructor;
    this.#floor.draw(this.#context, left);
    this.#floor.draw(this.#context, right);
    if (instructor) this.#place(this.#instructor, this.#poses.instructor, left);
    if (instructor) this.#drawSorted(this.#instructor);
    if (student) this.#place(this.#student, this.#poses.student, right);
    if (student) this.#drawSorted(this.#student);
    this.#write('instructor', left.x, left.foot);
    this.#write('student', right.x, right.foot);
  }

  /** Both on one spot of the floor: the instructor in the student's build, facing as they do. */
  #drawOver() {
    const { instructor, student } = this.#isThere;
    const port = this.#ports.student;
    /** @type {Float32Array} */
    let worn = this.#poses.instructor;
    if (instructor && student) {
      worn = this.#build.wear(this.#poses.instructor, this.#worn);
      this.#facing.take(worn, this.#poses.student);
      this.#facing.turn(worn);
    }
    this.#instructor.material = student ? this.#materials.outline : this.#materials.instructor;
    this.#floor.draw(this.#context, port);
    // An outline that one sees through: it is the last to be drawn, wherever it is in space.
    if (student) this.#place(this.#student, this.#poses.student, port);
    if (instructor) this.#place(this.#instructor, worn, port);
    if (student) this.#drawSorted(this.#student);
    if (instructor) this.#drawSorted(this.#instructor);
    const apart = Math.min(port.width / 4, 6 * this.#letters);
    this.#write('instructor', port.x - apart, port.foot);
    this.#write('student', port.x + apart, port.foot);
  }

  /**
   * Puts a figure on the floor, with its shadow.
   * @param {Figure} figure
   * @param {ArrayLike<number>} pose
   * @param {Port} port
   */
  #place(figure, pose, port) {
    stand(pose, floorOf(pose), this.mirror, figure.placed);
    this.#floor.drawShadow(this.#context, port, figure.placed);
    figure.look(port, this.mirror);
  }

  /**
   * Draws a figure's parts from the farthest to the nearest.
   * @param {Figure} figure
   */
  #drawSorted(figure) {
    const order = this.#order;
    const depths = figure.depth;
    for (let part = 0; part < Figure.parts; part += 1) {
      let place = part;
      for (; place > 0 && depths[order[place - 1]] < depths[part]; place -= 1) {
        order[place] = order[place - 1];
      }
      order[place] = part;
    }
    for (let place = 0; place < Figure.parts; place += 1) figure.draw(this.#context, order[place]);
  }

  /**
   * @param {'instructor' | 'student'} whose
   * @param {number} x pixels
   * @param {number} foot where the mat ends
   */
  #write(whose, x, foot) {
    this.#names.draw(this.#context, whose, x, foot + 0.8 * this.#letters, this.#materials[whose].mid);
  }
}

/**
 * @param {ArrayLike<number> | null} joints
 * @param {Float32Array} into
 * @returns {boolean} whether somebody is there
 */
function keep(joints, into) {
  if (!joints || !isWhole(joints)) return false;
  into.set(joints);
  return true;
}
