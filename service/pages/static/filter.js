/* Search as you type: the rows of the table whose unit holds every word, with or without marks. */
const input = document.getElementById("q"), told = document.getElementById("loc");
const bare = (text) => text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const rows = [...document.querySelectorAll(".glance tbody tr")].map((row) => [row, bare(row.firstElementChild.textContent)]);
const english = document.documentElement.lang === "en";
const filter = () => {
  const words = bare(input.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const [row, name] of rows) {
    row.hidden = !words.every((word) => name.includes(word));
    shown += !row.hidden;
  }
  told.textContent = words.length ? `${english ? "Shown" : "Đang hiện"} ${shown}/${rows.length} ${english ? "units" : "đơn vị"}` : "";
};
input.addEventListener("input", filter);
filter();
