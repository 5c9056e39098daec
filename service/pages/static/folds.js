/* On a phone the parts below the first are folded, but for the one that an address points into. */
const parts = document.querySelectorAll("details.part");
if (matchMedia("(max-width: 48rem)").matches) for (const part of parts) part.open = false;
const reveal = () => {
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = place && place.closest("details.part");
  if (part) { part.open = true; place.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => { for (const part of parts) part.open = true; });
reveal();
