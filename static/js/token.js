// The token in an address's fragment becomes a cookie that no script can read; the address forgets
// it, so that neither a bookmark nor a screenshot has it. Every page imports this first.

const TOKEN = /(?:^#|&)token=([A-Za-z0-9_.~-]+)/;

/** The fragment without the token. @param {string} hash */
export function withoutToken(hash) {
  const left = hash.replace(TOKEN, (whole) => (whole.startsWith('#') ? '#' : '')).replace('#&', '#');
  return left === '#' ? '' : left;
}

/** Hands the token over, where the address has one. The server says what is wrong with it later. */
export async function handOver() {
  const found = TOKEN.exec(location.hash);
  if (!found) return;
  const { pathname, search, hash } = location;
  history.replaceState(history.state, '', `${pathname}${search}${withoutToken(hash)}`);
  await fetch('/api/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: found[1] }),
  }).catch(() => {
    // No server, no token: what the page asks for next says so.
  });
}

await handOver();
