/* Beside an iframe of /embed/{unit}: gives it the height of its content, also when "Cách tính" is opened. */
(() => {
  "use strict";
  window.addEventListener("message", (event) => {
    const { data, source, origin } = event;
    if (!data || data.tthc !== "height" || !(data.height > 0)) return;
    for (const frame of document.querySelectorAll('iframe[src*="/embed/"]'))
      if (frame.contentWindow === source && (origin === "null" || new URL(frame.src).origin === origin))
        frame.height = Math.min(Math.ceil(data.height), 4000);
  });
})();
