/* Push dossiers with an outbox on disk: nothing is lost over restarts, everything arrives in order.

   Hộp thư đi trên đĩa: hồ sơ được ghi xuống đĩa trước, rồi gửi theo lô, đúng thứ tự, gửi lại đến khi hệ thống nhận.
   Node 18 or newer, nothing else; Apache License 2.0. One file: copy it beside your program. One process an outbox.

       const outbox = new Outbox("outbox.ndjson", "https://thong-ke.example.gov.vn", key);
       outbox.put({ code: "H23.45-231001-0001", … });   // on the disk when it returns
       await outbox.run();                              // sends for ever, beside your other work

   Or as a command, which ends when everything is sent: TTHC_KEY=… node tthc-outbox.mjs OUTBOX URL < dossiers.ndjson
   What was rejected stays in OUTBOX.rejected, a line each with its reasons. */
import { closeSync, existsSync, fsyncSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LONGEST_WAIT = 300e3, TIMEOUT = 150e3, PIECE = 8 << 20, LONGEST_LINE = 1 << 20;

export class Outbox {
  /* size: how many dossiers are sent at once, at most 1000, so that every rejection is told. */
  constructor(path, url, key, size = 1000) {
    this.path = path;
    this.url = url.replace(/\/$/, "") + "/api/v1/dossiers/batch";
    this.key = key;
    this.size = Math.min(size, 1000);
    this.file = openSync(path, "a+");
    const end = this.#endOfLastLine();
    ftruncateSync(this.file, end); // a line that a crash cut was never promised
    this.sent = existsSync(path + ".sent") ? Number(readFileSync(path + ".sent", "utf8")) : 0;
    if (this.sent > end) { // all was sent and the file emptied, and then a crash came before #note
      this.sent = 0;
      this.#note();
    }
  }

  /* Write dossiers to the disk, all or none; they are sent in this order. RangeError for one over 1 MB. */
  put(...dossiers) {
    const lines = dossiers.map((dossier) => JSON.stringify(dossier) + "\n");
    const over = dossiers.filter((_, at) => Buffer.byteLength(lines[at]) > LONGEST_LINE + 1);
    if (over.length) {
      const codes = over.map((dossier) => dossier.code).join(", ");
      throw new RangeError(`${codes}: hồ sơ dài quá 1 MB, chưa ghi gì (over 1 MB, nothing was put)`);
    }
    const { size } = fstatSync(this.file);
    try {
      append(this.file, lines.join(""));
    } catch (error) { // a full disk leaves half a line, to which the next one would be glued
      ftruncateSync(this.file, size);
      throw error;
    }
  }

  /* Say whether dossiers wait. */
  get waiting() { return this.sent < fstatSync(this.file).size; }

  /* Send the oldest dossiers and return how many; an error leaves them where they are. */
  async sendOnce() {
    const lines = this.#oldest();
    if (!lines.length) return 0;
    const answer = await this.#post(lines.join("\n"));
    if (answer.rejections.length) {
      const rejected = openSync(this.path + ".rejected", "a");
      append(rejected, answer.rejections.map((one) => JSON.stringify({ errors: one.errors, record: lines[one.index] }) + "\n").join(""));
      closeSync(rejected);
    }
    this.#forget(lines.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0));
    return lines.length;
  }

  /* Send for ever, or until nothing waits; what fails is tried again, ever less often. */
  async run({ untilEmpty = false, idle = 5e3 } = {}) {
    for (let wait = 1e3; ;) {
      try {
        const sent = await this.sendOnce();
        wait = 1e3;
        if (!sent && untilEmpty) return;
        if (!sent) await sleep(idle);
      } catch (error) {
        const pause = Math.max(wait * (0.5 + Math.random() / 2), 1e3 * (error.retryAfter || 0));
        console.error(`not sent, tried again in ${Math.round(pause / 1e3)} s: ${error.message}`);
        await sleep(pause);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
  }

  async #post(body) {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/x-ndjson", "content-encoding": "gzip" };
    const reply = await fetch(this.url, { method: "POST", headers, body: gzipSync(body), signal: AbortSignal.timeout(TIMEOUT) });
    const answer = [200, 207, 422].includes(reply.status) ? await reply.json() : {};
    if (answer.rejections) return answer;
    throw Object.assign(new Error(`HTTP ${reply.status}`), { retryAfter: Number(reply.headers.get("retry-after")) || 0 });
  }

  #oldest() {
    const piece = Buffer.alloc(Math.min(PIECE, fstatSync(this.file).size - this.sent));
    readSync(this.file, piece, 0, piece.length, this.sent);
    const whole = piece.subarray(0, piece.lastIndexOf(10) + 1).toString();
    return whole.split("\n", this.size).filter(Boolean);
  }

  /* What was sent is known to the disk before anything more is sent; a file of which all was sent is emptied. */
  #forget(bytes) {
    this.sent += bytes;
    if (!this.waiting) { ftruncateSync(this.file, 0); fsyncSync(this.file); this.sent = 0; }
    this.#note();
  }

  #note() {
    const note = openSync(this.path + ".sent.new", "w");
    append(note, String(this.sent));
    closeSync(note);
    renameSync(this.path + ".sent.new", this.path + ".sent");
  }

  #endOfLastLine() {
    const size = fstatSync(this.file).size, tail = Buffer.alloc(Math.min(PIECE, size));
    readSync(this.file, tail, 0, tail.length, size - tail.length);
    return tail.length ? size - tail.length + tail.lastIndexOf(10) + 1 : 0;
  }
}

function append(file, text) {
  writeFileSync(file, text);
  fsyncSync(file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, url] = process.argv.slice(2), outbox = new Outbox(path, url, process.env.TTHC_KEY);
  let given = "";
  if (!process.stdin.isTTY) for await (const piece of process.stdin.setEncoding("utf8")) given += piece; // it may come slowly
  const lines = given.split("\n").filter((line) => line.trim());
  outbox.put(...lines.map((line) => JSON.parse(line)));
  await outbox.run({ untilEmpty: true });
  if (existsSync(path + ".rejected")) {
    console.error(`có hồ sơ bị từ chối, xem (some were rejected, see) ${path}.rejected`);
    process.exitCode = 1;
  }
}
