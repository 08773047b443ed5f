// Which of several cameras is used.

import { byId } from './dom.js';

const KEY = 'practice-camera';

/** @returns {string | null} the one chosen last */
export function preferredCamera() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} deviceId */
function prefer(deviceId) {
  try {
    localStorage.setItem(KEY, deviceId);
  } catch {
    // A browser that keeps nothing forgets the choice with the page.
  }
}

/**
 * The cameras there are, with names; none where the browser does not say.
 * @returns {Promise<{deviceId: string, label: string}[]>}
 */
export async function listCameras() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
      .map(({ label, deviceId }, index) => ({ deviceId, label: label || `Camera ${index + 1}` }));
  } catch {
    return [];
  }
}

/**
 * Offers the cameras there are, where there are several; browsers tell their names once one of
 * them was allowed.
 * @param {() => string} current which one is open
 * @param {(deviceId: string) => Promise<void>} change
 */
export async function offerCameras(current, change) {
  const select = byId('choice-camera', HTMLSelectElement);
  const show = async () => {
    const cameras = await listCameras();
    select.replaceChildren(
      ...cameras.map(({ label, deviceId }) => new Option(label, deviceId)),
    );
    select.value = current();
    byId('offer-camera', HTMLElement).hidden = cameras.length < 2;
  };
  let changed = Promise.resolve();
  select.addEventListener('change', () => {
    const wanted = select.value;
    // One after the other: of two opened at once, one would never be closed.
    changed = changed.then(async () => {
      await change(wanted);
      select.value = current();
      if (select.value) prefer(select.value);
    });
  });
  navigator.mediaDevices.addEventListener?.('devicechange', () => void show());
  await show();
}
