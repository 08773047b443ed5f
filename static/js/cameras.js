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
 * Offers the cameras there are, where there are several; browsers tell their names once one of
 * them was allowed.
 * @param {() => string} current which one is open
 * @param {(deviceId: string) => Promise<void>} change
 */
export async function offerCameras(current, change) {
  const select = byId('choice-camera', HTMLSelectElement);
  const show = async () => {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(
      ({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '',
    );
    select.replaceChildren(
      ...cameras.map(({ label, deviceId }, index) => new Option(label || `Camera ${index + 1}`, deviceId)),
    );
    select.value = current();
    byId('offer-camera', HTMLElement).hidden = cameras.length < 2;
  };
  select.addEventListener('change', () => {
    prefer(select.value);
    void change(select.value);
  });
  navigator.mediaDevices.addEventListener?.('devicechange', () => void show());
  await show();
}
