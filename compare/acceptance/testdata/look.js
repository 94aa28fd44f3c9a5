// look returns the problems that a reader would see in the rendered page.
function look() {
  const wrong = [], found = {Charts: 0, Marks: 0, Words: 0};
  const say = (what, at) => wrong.push(what + ': ' + (at.textContent || at.outerHTML || '').trim().slice(0, 80));
  const seen = e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) && e.getClientRects().length > 0;
  const root = document.documentElement;

  if (window.attacked || document.scripts.length || document.querySelector('main img, main a:not([id]):not([href^="#"]), main iframe, main object'))
    say('text was interpreted as markup', root);
  for (const e of document.querySelectorAll('*'))
    for (const a of e.attributes) if (a.name.startsWith('on')) say('text became an attribute', e);
  if (root.scrollWidth > innerWidth) say('the page is ' + root.scrollWidth + ' wide of ' + innerWidth, root);

  // The outline: one title, and no level is left out.
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].filter(seen).map(h => +h.tagName[1]);
  if (levels[0] !== 1 || levels.filter(l => l === 1).length !== 1 || levels.some((l, i) => i > 0 && l > levels[i - 1] + 1))
    say('headings of the levels ' + levels.join(' '), root);
  for (const h of document.querySelectorAll('h1, h2, h3')) if (/[0-9a-f]{64}/.test(h.textContent)) say('a long id is a heading', h);
  // A mark leads to its explanation, and back.
  for (const a of document.querySelectorAll('main a[href]'))
    if (!document.getElementById(a.getAttribute('href').slice(1))) say('a link to nothing: ' + a.getAttribute('href'), a);
  for (const a of document.querySelectorAll('.track a.bad, .track a.warn')) if (!a.href || !a.title) say('a mark without an explanation', a);
  for (const track of document.querySelectorAll('.track')) {
    const frame = track.getBoundingClientRect();
    if (frame.width < innerWidth / 2) say('a row of ' + frame.width, track);
    for (const e of track.children) {
      const r = e.getBoundingClientRect();
      if (!(r.width > 0) || r.left < frame.left - 8 || r.right > Math.min(frame.right + 8, innerWidth)) say('drawn outside its row', e);
    }
  }
  // One click selects a whole command.
  for (const c of document.querySelectorAll('code, pre')) if (getComputedStyle(c).userSelect !== 'all') say('a command in parts', c);
  // A table that is wider than the page shows that it scrolls, and keeps its first column.
  for (const frame of document.querySelectorAll('.frame')) {
    if (!seen(frame) || frame.scrollWidth <= frame.clientWidth) continue;
    const first = frame.querySelector('tbody th');
    frame.scrollLeft = frame.scrollWidth;
    const at = first.getBoundingClientRect(), of = frame.getBoundingClientRect();
    if (Math.abs(at.left - of.left) > 2) say('the first column scrolls away', frame);
    if (at.width > of.width * .6) say('the first column is ' + at.width + ' wide of ' + of.width, frame);
    if (!getComputedStyle(frame).backgroundImage.includes('gradient')) say('nothing shows that a table scrolls', frame);
    frame.scrollLeft = 0;
  }
  if (innerWidth >= 1280) for (const frame of document.querySelectorAll('.frame'))
    if (seen(frame) && frame.scrollWidth > frame.clientWidth) say('a table is cut off', frame);

  const opened = [...document.querySelectorAll('details')].filter(d => !d.open);
  opened.forEach(d => d.open = true);
  if (root.scrollWidth > innerWidth) say('with all details open, the page is ' + root.scrollWidth + ' wide of ' + innerWidth, root);

  // Colors: the contrast of text with its background.
  const rgb = s => (s.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const backgroundOf = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };

  for (const e of document.querySelectorAll('h1, h2, h3, p, th, td, summary, li, pre, .src, .good, .warn, .bad')) {
    if (!seen(e) || !e.textContent.trim()) continue;
    found.Words++;
    const ratio = contrast(rgb(getComputedStyle(e).color), backgroundOf(e));
    if (ratio < 4.5) say('contrast of ' + ratio.toFixed(2), e);
    // Only an element that scrolls may be wider than its frame.
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible' && getComputedStyle(e).display !== 'inline')
      say('text overflows its frame', e);
  }

  for (const svg of document.querySelectorAll('svg')) {
    if (!seen(svg)) continue;
    found.Charts++;
    const frame = svg.getBoundingClientRect();
    if (frame.left < -1 || frame.right > innerWidth + 1 || frame.height < 20) say('a chart outside the page', svg);
    const names = (svg.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id));
    if (svg.getAttribute('role') !== 'img' || names.length !== 2 || names.some(n => !n || !n.textContent.trim() || !svg.contains(n)))
      say('a chart without a title and a description', svg);
    const inside = r => r.left >= frame.left - 1 && r.right <= frame.right + 1 && r.top >= frame.top - 1 && r.bottom <= frame.bottom + 1;
    for (const e of svg.querySelectorAll('*'))
      for (const a of e.attributes) if (/NaN|Inf/.test(a.value)) say('not a number: ' + a.value, e);
    const words = [], shapes = [];
    let marks = 0;
    for (const e of svg.querySelectorAll('path, circle, rect, line, polyline, polygon, image')) {
      const r = e.getBoundingClientRect();
      if (!inside(r)) say('drawn outside the frame', e);
      if (r.width > 0 || r.height > 0) {
        shapes.push([r, e]);
        if (!/--(grid|bg)\)/.test(e.getAttribute('style') || '')) marks++;
      }
    }
    if (marks === 0) say('an empty chart', svg);
    found.Marks += marks;
    for (const e of svg.querySelectorAll('text')) {
      if (!e.textContent.trim()) continue;
      const r = e.getBoundingClientRect();
      if (!inside(r)) say('text outside the frame', e);
      // The text of a chart scales with the chart, and must be readable on a narrow page.
      const size = 12 * frame.width / svg.viewBox.baseVal.width;
      if (size < 10) say('a font size of ' + size.toFixed(1) + ' pixels', e);
      const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
      let background = backgroundOf(svg.parentElement);
      for (const [s, shape] of shapes) { // later shapes cover earlier ones
        const fill = getComputedStyle(shape).fill;
        if (fill !== 'none' && shape.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING &&
            s.left <= x && x <= s.right && s.top <= y && y <= s.bottom) background = rgb(fill);
      }
      const ratio = contrast(rgb(getComputedStyle(e).fill), background);
      if (ratio < 4.5) say('contrast of ' + ratio.toFixed(2) + ' in a chart', e);
      for (const [other, o] of words)
        if (Math.min(r.right, o.right) - Math.max(r.left, o.left) > 1 && Math.min(r.bottom, o.bottom) - Math.max(r.top, o.top) > 3)
          say('text overlaps "' + other.textContent + '"', e);
      words.push([e, r]);
    }
  }
  opened.forEach(d => d.open = false);
  return {Wrong: wrong, Found: found};
}
