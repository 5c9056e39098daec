/* Runs inside the frame: says where rows have no room, tells the page around it how high the content is, and lets "Chi tiết" open from a
   frame that may open no window (WordPress asks for a message instead of a click). */
(() => {
  "use strict";
  const accent = (/[?&]accent=(?:%23)?([0-9a-f]{6})(?:&|$)/i.exec(location.search) || [])[1];
  if (accent) for (const name of ["accent", "rate"]) document.querySelector("main").style.setProperty(`--tthc-${name}`, "#" + accent);
  const rows = document.querySelector(".rows");
  if (rows && window.ResizeObserver) new ResizeObserver(() => rows.classList.toggle("cut", rows.scrollHeight > rows.clientHeight + 1)).observe(rows);
  if (window.parent === window) return;
  const secret = (/secret=([\w-]+)/.exec(location.hash) || [])[1];
  const tell = (message) => window.parent.postMessage(message, "*");
  let last = 0;
  const measure = () => {
    const height = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    tell({ tthc: "height", height });
    if (secret) tell({ message: "height", value: height, secret });
  };
  if (window.ResizeObserver) new ResizeObserver(measure).observe(document.querySelector("main"));
  measure();
  if (secret) document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    tell({ message: "link", value: link.href, secret });
  });
})();
