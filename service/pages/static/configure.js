/* The page of embedding: what is chosen shows at once, and code is copied; without script a button does the first,
   and the text is selected by hand. */
const prepare = () => {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard && !document.execCommand) continue;
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
};
prepare();
const form = document.querySelector("form.configure");
form.addEventListener("change", async () => {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const address = `${location.pathname}?${chosen}`;
  const reply = await fetch(address).catch(() => ({}));
  if (!reply.ok) return form.submit();
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (String(new URLSearchParams([...new FormData(form)].filter(([, value]) => value))) !== String(chosen)) return; // chosen anew
  history.replaceState(null, "", address);
  document.getElementById("ma-nhung").replaceWith(page.getElementById("ma-nhung"));
  prepare();
});
