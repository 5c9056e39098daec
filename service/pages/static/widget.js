/* <tthc-widget unit="H23.45">: kết quả giải quyết TTHC. Thuộc tính / attributes: unit, period, formula,
   lang (vi, en), theme (light, dark, auto), as-of, base, variant (card, line, strip, ranking, table, chart), header (off),
   accent (màu RRGGBB), counter (on), compare (previous, year_ago); from, to, channel, field, procedure, level và các tham số khác của câu hỏi
   / and the question's other parameters. Màu / colours: --tthc-*-color; cỡ chữ / size: --tthc-size.
   Xem /docs và docs/embedding.md. Chạy từ Chrome 80, Edge 80, Firefox 75, Safari 13.1. */
(() => {
  "use strict";
  if (!window.customElements || customElements.get("tthc-widget")) return;
  const HERE = document.currentScript && document.currentScript.src;
  /* Each element asks the server of its own `base`, else of the widget.js before it on the page, else of this script. */
  const baseOf = (element) => {
    const given = element.getAttribute("base");
    const scripts = [...document.querySelectorAll('script[src*="/widget.js"]')];
    const before = scripts.filter((script) => script.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING).pop();
    const script = before || scripts[0];
    const from = given ? given.replace(/\/?$/, "/") : script ? script.src : HERE || location.href;
    return new URL(".", new URL(from, location.href)).href;
  };
  const CSS = "__CSS__";
  /* The attributes that are parameters of the question, under the same names. */
  const ASKED = ["period", "from", "to", "as-of", "formula", "decimals", "honest-ends", "subtree", "calendar", "structure",
    "channel", "field", "procedure", "level", "counter", "compare"];
  const REFRESH = 60e3, RETRY = 15e3, LONGEST = 300e3;
  const WORDS = {
    vi: {
      how: "Cách tính", loading: "Đang tải…", wrong: "Không hiển thị được: ", old: "Số liệu có thể đã cũ.",
      away: (age) => `Tạm thời không kết nối được; số liệu nhận cách đây ${age}.`,
      none: "Tạm thời không kết nối được; sẽ tự thử lại.",
      unit: "Thiếu thuộc tính unit, ví dụ <tthc-widget unit=\"H23.45\">.",
      age: (m) => m < 1 ? "chưa đầy 1 phút" : m < 60 ? `${m} phút` : m < 2880 ? `${Math.floor(m / 60)} giờ` : `${Math.floor(m / 1440)} ngày`,
    },
    en: {
      how: "How it is calculated", loading: "Loading…", wrong: "Cannot be shown: ", old: "These data may be out of date.",
      away: (age) => `No connection for now; these numbers were received ${age} ago.`,
      none: "No connection for now; trying again.",
      unit: "The attribute unit is missing, e.g. <tthc-widget unit=\"H23.45\">.",
      age: (m) => m < 1 ? "less than 1 minute" : m < 60 ? `${m} min` : m < 2880 ? `${Math.floor(m / 60)} h` : `${Math.floor(m / 1440)} days`,
    },
  };
  let sheet = null;
  try { sheet = new CSSStyleSheet(); sheet.replaceSync(CSS); } catch { sheet = null; /* an old browser: a style in each element */ }

  /* The last good answer: in memory, and across visits where the portal lets us store it. */
  const remembered = (url) => {
    try { return JSON.parse(localStorage.getItem("tthc-widget:" + url)); } catch { return null; }
  };
  const remember = (url, good) => {
    try { localStorage.setItem("tthc-widget:" + url, JSON.stringify(good)); } catch { /* private, full or refused */ }
  };

  /* One feed an address, whatever the number of elements that show it. */
  const feeds = new Map();
  class Feed {
    constructor(url) {
      Object.assign(this, { url, shown: new Set(), good: remembered(url), state: "loading", detail: "", wait: RETRY, timer: 0, busy: false });
    }
    async ask() {
      clearTimeout(this.timer);
      if (this.busy || !this.shown.size) return;
      if (document.hidden && this.good) { this.later(REFRESH); return; }
      this.busy = true;
      let next = REFRESH;
      try {
        const reply = await fetch(this.url, { credentials: "omit", cache: "no-cache", signal: AbortSignal.timeout ? AbortSignal.timeout(20e3) : undefined });
        if (reply.status >= 400 && reply.status < 500 && reply.status !== 429) {
          this.state = "wrong";
          this.detail = (await reply.json().catch(() => ({}))).detail || String(reply.status);
          next = LONGEST;
        } else {
          if (!reply.ok) throw new Error(String(reply.status));
          const data = await reply.json();
          if (data.schema !== "tthc-widget/1") throw new Error("schema");
          this.good = { data, at: Date.now() };
          remember(this.url, this.good);
          this.state = "good";
          this.wait = RETRY;
        }
      } catch {
        this.state = "away";
        next = this.wait * (1 + Math.random() / 4); // so that the pages of a whole province do not return at once
        this.wait = Math.min(this.wait * 2, LONGEST);
      }
      this.busy = false;
      for (const element of this.shown) element.render();
      this.later(next);
    }
    later(wait) { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), wait); }
    join(element) {
      this.shown.add(element);
      if (!this.busy && (this.state !== "good" || Date.now() - this.good.at > REFRESH)) queueMicrotask(() => this.ask());
    }
    leave(element) {
      this.shown.delete(element);
      if (!this.shown.size) clearTimeout(this.timer);
    }
  }
  /* Back from a time without network, or looked at again: ask now, not at the next turn. */
  const back = () => {
    if (document.hidden || navigator.onLine === false) return;
    for (const feed of feeds.values())
      if (feed.state === "away" || (feed.good && Date.now() - feed.good.at > REFRESH)) feed.ask();
  };
  window.addEventListener("online", back);
  document.addEventListener("visibilitychange", back);
  const feedOf = (url) => feeds.get(url) || (feeds.set(url, new Feed(url)), feeds.get(url));
  const formulas = new Map();
  const explained = (base) => {
    if (!formulas.has(base)) formulas.set(base, fetch(base + "api/v1/formulas", { credentials: "omit" })
      .then((reply) => reply.json()).then((answer) => answer.formulas).catch(() => { formulas.delete(base); return []; }));
    return formulas.get(base);
  };
  const WAITING = { // as high as an answer, so that nothing moves when it comes
    title: "Kết quả giải quyết TTHC", unit: {}, details_url: "", rates: { numerator: "–", denominator: "–", formula: "–" },
    text: { heading: "–", rate: "–", workload: "–", early_or_on_time: "–", late: "–", late_rate: "–", details: "–", updated: "–" },
  };

  const drawn = (name, attributes, ...inside) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...inside);
    return made;
  };
  const make = (tag, name, ...inside) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...inside);
    return made;
  };

  const dots = ({ at, low, high }, whole) => drawn("svg", { "aria-hidden": "true" },
    whole === null ? "" : drawn("line", { class: "whole", x1: whole + "%", x2: whole + "%", y2: "100%" }),
    low === undefined ? "" : drawn("line", { class: "limits", x1: low + "%", x2: high + "%", y1: "50%", y2: "50%" }),
    drawn("circle", { cx: at + "%", cy: "50%", r: 4 }));
  const table = ({ columns, rows, axis, note, more }, label) => {
    const heading = (kind, ...inside) => { const cell = make("th", kind, ...inside); cell.scope = "col"; return cell; };
    const head = columns.map((text) => heading("", text));
    if (axis) head.splice(1, 0, heading("dots", make("span", "", axis.low), " ", make("span", "", axis.high)));
    const body = rows.map((row) => {
      const name = make("th", "", make("bdi", "", row.name));
      name.scope = "row";
      return make("tr", "", name, axis ? make("td", "dots", row.dot ? dots(row.dot, axis.whole) : "") : "",
        ...row.cells.map((text, place) => make("td", "", text, place || !row.interval ? "" : make("small", "", row.interval))));
    });
    const made = make("div", "rows", make("table", "", make("thead", "", make("tr", "", ...head)), make("tbody", "", ...body)));
    made.tabIndex = 0;
    made.setAttribute("role", "region");
    made.setAttribute("aria-label", label);
    return [note ? make("p", "heading", note) : "", made, more ? make("p", "more-rows", more) : ""];
  };

  customElements.define("tthc-widget", class extends HTMLElement {
    static get observedAttributes() { return ["unit", "lang", "theme", "base", "variant", "header", "accent", ...ASKED]; }
    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      if (sheet && "adoptedStyleSheets" in root) root.adoptedStyleSheets = [sheet];
      else root.append(make("style", "", CSS));
    }
    connectedCallback() {
      const { shadowRoot: root } = this; // a sheet of one document is taken away in another, such as an editor's preview
      if (sheet && this.ownerDocument !== document && !root.querySelector("style")) root.prepend(make("style", "", CSS));
      this.follow();
    }
    disconnectedCallback() { if (this.feed) this.feed.leave(this); this.feed = null; }
    attributeChangedCallback() { if (this.isConnected) this.follow(); }
    follow() {
      const query = new URLSearchParams();
      for (const name of ASKED)
        if (this.getAttribute(name)) query.set(name.replace("-", "_"), this.getAttribute(name));
      this.variant = /^(line|strip|ranking|table|chart)$/.test(this.getAttribute("variant")) ? this.getAttribute("variant") : "card";
      if (/^(ranking|table|chart)$/.test(this.variant)) query.set("variant", this.variant);
      this.tongue = (this.getAttribute("lang") || "vi").startsWith("en") ? "en" : "vi";
      if (this.tongue === "en") query.set("lang", "en");
      this.query = String(query) ? "?" + query : "";
      this.base = baseOf(this);
      const unit = (this.getAttribute("unit") || "").trim();
      const feed = unit ? feedOf(`${this.base}api/v1/widget/${encodeURIComponent(unit)}${this.query}`) : null;
      if (feed !== this.feed) {
        if (this.feed) this.feed.leave(this);
        this.feed = feed;
        if (feed) feed.join(this);
      }
      this.render();
    }
    render() {
      const { shadowRoot: root } = this, words = WORDS[this.tongue], theme = this.getAttribute("theme");
      const feed = this.feed || { state: "wrong", good: null, detail: words.unit };
      const waiting = feed.state === "loading" && !feed.good;
      let told = "";
      if (feed.state === "wrong") told = words.wrong + (this.tongue === "vi" ? feed.detail.replace(/ \([^()]*\)/g, "") : feed.detail);
      else if (feed.state === "away") told = feed.good ? words.away(words.age(Math.max(0, Math.floor((Date.now() - feed.good.at) / 6e4)))) : words.none;
      else if (!feed.good) told = words.loading;
      const bare = this.getAttribute("header") === "off" ? " bare" : "", accent = this.getAttribute("accent");
      const seen = JSON.stringify([told, theme, bare, accent, this.variant, this.base, this.query, feed.good && feed.good.data]);
      if (seen === this.seen) return; // what is being read stays untouched
      this.seen = seen;
      const shown = root.querySelector("details"), open = Boolean(shown && shown.open);
      const focus = root.activeElement && root.activeElement.localName;
      const box = make("section", `tthc ${this.variant} ${["auto", "dark"].includes(theme) ? theme : "light"}${bare}${waiting ? " waiting" : ""}`);
      if (/^#?[0-9a-f]{6}$/i.test(accent))
        for (const name of ["accent", "rate"]) box.style.setProperty(`--tthc-${name}`, "#" + accent.replace("#", ""));
      box.lang = this.tongue;
      if (waiting) box.setAttribute("aria-busy", "true");
      if (waiting) this.fill(box, WAITING, words, false);
      else if (feed.good && feed.state !== "wrong") this.fill(box, feed.good.data, words, open);
      if (waiting) box.querySelector(".clock").remove(); // the note takes its place
      if (told) {
        const note = make("p", waiting ? "note quiet" : "note", told);
        note.setAttribute("role", "status");
        box.append(note);
      }
      const before = root.querySelector("section");
      if (before) before.remove();
      root.append(box);
      const rows = box.querySelector(".rows");
      if (rows) new ResizeObserver(() => rows.classList.toggle("cut", rows.scrollHeight > rows.clientHeight + 1)).observe(rows);
      const again = focus && root.querySelector(focus);
      if (again) again.focus({ preventScroll: true });
    }
    fill(box, data, words, open) {
      const { text, rates, unit } = data, name = unit.name || unit.code || this.getAttribute("unit");
      box.setAttribute("aria-label", `${data.title} – ${name}`);
      const line = (value, kind) => make("li", kind, value);
      const how = make("details", "", make("summary", "", words.how),
        make("p", "", `${rates.numerator} / ${rates.denominator} = ${text.rate} (${rates.formula})`));
      how.open = Boolean(open);
      const tell = async () => {
        const formula = (await explained(this.base)).find((listed) => listed.id === rates.formula);
        if (formula && how.open && how.children.length === 2) how.append(make("p", "", formula.explanation[this.tongue]));
      };
      how.addEventListener("toggle", () => { if (how.open) tell(); });
      const link = make("a", "", text.details);
      link.href = /^https?:/.test(data.details_url) ? data.details_url : this.base;
      link.setAttribute("aria-label", `${text.details} – ${name}`);
      link.target = "_blank";
      link.rel = "noopener";
      box.append(make("p", "title", data.title), make("p", "unit", make("bdi", "", name)), make("p", "heading", text.heading),
        make("p", "rate", text.rate), text.change ? make("p", "change", text.change) : "", text.open_overdue ? make("p", "note", text.open_overdue) : "",
        text.coverage ? make("p", "note", text.coverage) : "",
        ...(data.table ? table(data.table, `${data.title} – ${name}`) : [make("ul", "lines", line(text.workload), line(text.early_or_on_time), line(text.late, "late"), line(text.late_rate, "late"))]),
        how, make("p", "more", link), make("p", "clock", `( ${text.updated})`), text.views ? make("p", "clock", text.views) : "");
      if (data.stale) box.append(make("p", "note", words.old));
    }
  });
})();
