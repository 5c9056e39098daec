/* Dán vào bảng điều khiển (F12) của trang cổng: trang này chặn gì của tiện ích? / Paste into the console of the portal's page. */
(async () => {
  const base = "__BASE__", unit = encodeURIComponent("__UNIT__"), blocked = new Set(), failed = [], added = [];
  let framed = false;
  addEventListener("message", (event) => { if (event.origin === new URL(base).origin && event.data.tthc) framed = true; });
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.disposition === "enforce" && event.blockedURI.startsWith(new URL(base).origin))
      blocked.add(event.effectiveDirective.replace(/-elem$/, ""));
  });
  const tries = (name, tag, attributes) => new Promise((done) => {
    const element = Object.assign(document.createElement(tag), attributes, {
      onload: () => setTimeout(done, 1000), onerror: () => { failed.push(name); setTimeout(done, 100); },
    });
    added.push(element);
    document.body.append(element);
    setTimeout(done, 8000);
  });
  await fetch(`${base}/api/v1/widget/${unit}`, { credentials: "omit" }).catch(() => failed.push("connect-src"));
  await tries("script-src", "link", { rel: "preload", as: "script", href: `${base}/widget.js` }); // also where Trusted Types are required
  await tries("img-src", "img", { src: `${base}/badge/${unit}.svg` });
  await tries("frame-src", "iframe", { src: `${base}/embed/${unit}`, title: "" });
  for (const element of added) element.remove();
  const lines = [...blocked].map((directive) => `CSP thiếu / is missing: ${directive} ${new URL(base).origin}`);
  for (const name of failed) if (!blocked.has(name)) lines.push(`${name}: không tới được máy chủ / the service cannot be reached`);
  if (!framed && !blocked.has("frame-src")) lines.push("iframe: hệ thống không cho trang này nhúng / not allowed here: TTHC_FRAME_ANCESTORS");
  console.log(lines.join("\n") || "Trang này hiện được thẻ, khung và huy hiệu. / Nothing is in the way on this page.");
  return lines;
})();
