// What `scripts.pages.numbered_page` runs in a page of the server: the product's own camera and
// line to the coach, with a note of every frame shown and of every pose that arrives.

async ({ routine, codec, bits, cellW, cellH, fps }) => {
  const { openCamera } = await import('/static/js/camera.js');
  const { Connection } = await import('/static/js/connection.js');
  const { watchCamera } = await import('/static/js/local_frames.js');
  const { epochMs } = await import('/static/js/clock.js');
  const { playerMessage } = await import('/static/js/messages.js');

  const noted = { frames: [], poses: [], unread: 0, link: '', message: '' };
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bits * cellW, 2 * cellH];
  const context = canvas.getContext('2d', { willReadFrequently: true });

  // Green stands for luma: the cells are black and white. A few points of each cell are enough.
  const isWhite = (pixels, bit, row) => {
    let sum = 0;
    for (const y of [8, 12, 16]) {
      for (const x of [10, 16, 22]) {
        sum += pixels[4 * ((row * cellH + y) * canvas.width + bit * cellW + x) + 1];
      }
    }
    return sum > 9 * 128;
  };
  const readNumber = (image, scale) => {
    const { width, height } = canvas;
    context.drawImage(image, 0, 0, width * scale, height * scale, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data;
    let number = 0;
    for (let bit = 0; bit < bits; bit += 1) {
      const one = isWhite(pixels, bit, 0);
      if (one === isWhite(pixels, bit, 1)) return null;
      number = 2 * number + Number(one);
    }
    return number;
  };

  const preferring = (wished) => {
    const { codecs } = RTCRtpSender.getCapabilities('video');
    const is = ({ mimeType }) => mimeType.toLowerCase() === `video/${wished}`;
    return [...codecs.filter(is), ...codecs.filter((each) => !is(each))];
  };

  // The connection keeps its peer to itself; its statistics are wanted.
  const Stock = RTCPeerConnection;
  window.RTCPeerConnection = class extends Stock {
    constructor(...given) {
      super(...given);
      noted.pc = this;
    }

    addTransceiver(...given) {
      const made = super.addTransceiver(...given);
      if (codec) made.setCodecPreferences(preferring(codec));
      return made;
    }
  };

  const stream = await openCamera();
  const [track] = stream.getVideoTracks();
  let newest = null;
  const firstFrame = new Promise((resolve) => {
    watchCamera(stream, ({ image, width, captureMs, exact }) => {
      const number = readNumber(image, width / 640);
      if (number === null || !exact) noted.unread += 1;
      else noted.frames.push((newest = [number, captureMs]));
      resolve();
    });
  });
  await firstFrame;

  // The film's second 0 is the routine's.
  const play = () => {
    if (!newest) return;
    const [number, captureMs] = newest;
    line.send(playerMessage({ t: number / fps, playing: true, rate: 1, atMs: captureMs }));
  };
  const line = new Connection({
    track,
    routine,
    onPose: ({ seq, capture_ms }) => noted.poses.push([seq, capture_ms, epochMs()]),
    onControl: () => {},
    onLink: ({ state, message }) => Object.assign(noted, { link: state, message }),
    onOpen: play,
  });
  line.keep();
  setInterval(play, 1000);

  const stats = async () => {
    const all = [...(await noted.pc.getStats()).values()];
    const sent = all.find(({ type }) => type === 'outbound-rtp');
    const used = all.find(({ id }) => id === sent?.codecId);
    return sent ? { ...sent, mimeType: used?.mimeType } : null;
  };
  window.numbered = {
    state: () => ({ link: noted.link, message: noted.message, poses: noted.poses.length }),
    begin: async () => {
      for (const list of [noted.frames, noted.poses]) list.length = 0;
      noted.unread = 0;
      noted.before = await stats();
    },
    end: async () => {
      const { frames, poses, unread, before } = noted;
      return { frames: [...frames], poses: [...poses], unread, before, after: await stats() };
    },
    close: () => line.close(),
    now: () => epochMs(),
  };
};
