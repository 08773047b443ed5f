// What the coach sees, and the line to it: one's own camera, or the demo's film in its place.

import { CameraError, openCamera, stopStream } from './camera.js';
import { Connection } from './connection.js';
import { FilmCamera } from './film_camera.js';
import { watchCamera } from './local_frames.js';

/** @typedef {import('./local_frames.js').LocalFrame} LocalFrame */
/** @typedef {import('./player.js').PlayerClock} PlayerClock */

export class Sight {
  /** @type {FilmCamera | null} */
  #film = null;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Connection | null} */
  #connection = null;
  #stopWatching = () => {};

  /**
   * @param {{
   *   routine: string,
   *   filmAddress: string | null,
   *   onFrame: (frame: LocalFrame) => void,
   *   onPose: (pose: import('./messages.js').PoseMessage) => void,
   *   onControl: (message: import('./messages.js').ServerMessage) => void,
   *   onLink: (link: import('./connection.js').Link) => void,
   *   onOpen: () => void,
   *   onLost: (error: Error) => void,
   * }} wiring `filmAddress`: a film in place of the camera; `onLost`: the camera is gone
   */
  constructor(wiring) {
    this.wiring = wiring;
  }

  /**
   * Opens the camera, and shows what it sees.
   * @param {string | null} [deviceId] which one; the browser's choice where null
   * @throws {CameraError} it cannot be had
   */
  async open(deviceId = null) {
    this.#leaveCamera();
    const { filmAddress, onFrame, onLost } = this.wiring;
    if (filmAddress) {
      this.#film = new FilmCamera(filmAddress);
      this.#stream = await this.#film.open(onFrame);
    } else {
      this.#stream = await openCamera(deviceId);
      this.#stopWatching = watchCamera(this.#stream, onFrame);
    }
    this.#track().addEventListener('ended', () => onLost(new CameraError('absent')));
  }

  /**
   * Calls the coach, and keeps the line up.
   * @param {string | null} resume a session to take up
   */
  connect(resume) {
    const { routine, onPose, onControl, onLink, onOpen } = this.wiring;
    const track = this.#track();
    const wiring = { track, routine, onPose, onControl, onLink, onOpen };
    this.#connection = new Connection(wiring, resume);
    void this.#connection.keep();
  }

  /**
   * Another camera in the place of this one; the line stays as it is.
   * @param {string} deviceId
   */
  async change(deviceId) {
    await this.open(deviceId);
    await this.#connection?.replaceTrack(this.#track());
  }

  /** @returns {MediaStreamTrack} */
  #track() {
    const [track] = /** @type {MediaStream} */ (this.#stream).getVideoTracks();
    return track;
  }

  /** Which camera is open. */
  get deviceId() {
    return this.#stream ? (this.#track().getSettings().deviceId ?? '') : '';
  }

  /** @param {PlayerClock} clock where the instructor is: a film goes there as well */
  follow(clock) {
    this.#film?.follow(clock);
  }

  /** @param {string} message */
  send(message) {
    this.#connection?.send(message);
  }

  /** @returns {string | null} the session's name, for its report */
  get session() {
    return this.#connection?.session ?? null;
  }

  /** @returns {string | null} what brings the session back */
  get resume() {
    return this.#connection?.resume ?? null;
  }

  /** Gives the camera and the coach's place back. */
  close() {
    this.#connection?.close();
    this.#connection = null;
    this.#leaveCamera();
  }

  #leaveCamera() {
    this.#stopWatching();
    this.#stopWatching = () => {};
    this.#film?.close();
    this.#film = null;
    if (this.#stream) stopStream(this.#stream);
    this.#stream = null;
  }
}
