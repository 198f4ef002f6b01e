// nodemailer's pool, one process: text and HTML composed for each of so many readers, as its users do.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [tools, port, count, connections, file] = process.argv.slice(2);
const nodemailer = createRequire(tools)("nodemailer");
const { html, text } = JSON.parse(readFileSync(file, "utf8"));
const pool = nodemailer.createTransport({
  host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true,
  pool: true, maxConnections: Number(connections), maxMessages: 100,
});
const mail = (number) => ({
  from: "Bench <news@bench.example>",
  to: `reader${number}@example.org`,
  subject: "Daily",
  html: html.replaceAll("READER", String(number)),
  text: text.replaceAll("READER", String(number)),
  list: { unsubscribe: `https://bench.example/unsubscribe/${number}` },
});
const begun = performance.now();
const numbers = [...Array(Number(count)).keys()];
const next = async () => {
  for (let number; (number = numbers.pop()) !== undefined;) await pool.sendMail(mail(number));
};
await Promise.all(Array.from({ length: 4 * connections }, next));
console.log(JSON.stringify({ messages: Number(count), seconds: (performance.now() - begun) / 1000 }));
pool.close();
