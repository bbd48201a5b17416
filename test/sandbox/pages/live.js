/*
 * Keeps a page current: it fetches the page again every second and updates each part with `data-live` that
 * has changed. `data-live="log"` gets only the new entries, and `data-live="parts"` is not replaced as a
 * whole, as long as `data-of` is the same. `data-live="words"` keeps its element and gets the new text, so
 * that screen readers announce it. Any other part is replaced. Forms are sent without leaving the page. The
 * page also works without this script: its forms lead back to it.
 */
const everyMs = 1000;

function update(text) {
  const next = new DOMParser().parseFromString(text, 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const other = next.getElementById(part.id);
    if (other !== null && other.outerHTML !== part.outerHTML) show(part, other);
  }
}

function show(part, other) {
  const isSame = part.dataset.of === other.dataset.of;
  if (part.dataset.live === 'parts' && isSame) return;
  if (part.dataset.live === 'words') {
    part.replaceChildren(...other.childNodes);
    return;
  }
  if (part.dataset.live === 'log' && isSame) {
    const isAtEnd = part.scrollTop + part.clientHeight >= part.scrollHeight - 8;
    part.append(...[...other.children].slice(part.children.length));
    if (isAtEnd) part.scrollTop = part.scrollHeight;
    return;
  }
  const focused = part.contains(document.activeElement) ? document.activeElement.id : undefined;
  part.replaceWith(other);
  if (focused === undefined) return;
  // The focused element may be gone, for example the button of a decision that was made.
  const target = (focused && document.getElementById(focused)) || other.querySelector('button') || other;
  if (target === other) other.tabIndex = -1;
  target.focus();
}

async function load(address, options) {
  const gone = document.getElementById('gone');
  try {
    const response = await fetch(address, options);
    const text = await response.text();
    if (response.ok) update(text);
    gone.hidden = true;
    return response.ok;
  } catch {
    gone.hidden = false;
    return true;
  }
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  // The page for a refusal says why.
  if (!(await load(form.action, { method: 'POST', body }))) form.submit();
});

setInterval(() => {
  if (!document.hidden) load(location.href);
}, everyMs);
