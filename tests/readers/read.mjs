// Read feed documents with one of the readers of Node; serves reading.py.
// Usage: node read.mjs READER FILE…; prints a list, for each file a list of entries.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.READERS}/`);
const [name, ...files] = process.argv.slice(2);

const readers = {
  async "rss-parser"(text) {
    const Parser = require("rss-parser");
    const feed = await new Parser().parseString(text);
    return feed.items.map((item) => ({
      id: item.guid ?? item.id,
      title: item.title,
      url: item.link,
      published: item.isoDate,
    }));
  },
  async feedsmith(text) {
    const { parseFeed } = await import(require.resolve("feedsmith"));
    const { format, feed } = parseFeed(text);
    const link = (links) => links.find((one) => (one.rel ?? "alternate") === "alternate").href;
    const readAs = {
      rss: (item) => [item.guid.value, item.title, item.link, item.pubDate],
      atom: (item) => [item.id, item.title.value ?? item.title, link(item.links), item.published],
      json: (item) => [item.id, item.title, item.url, item.date_published],
    };
    return (feed.items ?? feed.entries).map((item) => {
      const [id, title, url, published] = readAs[format](item);
      return { id, title, url, published };
    });
  },
  async "@rowanmanning/feed-parser"(text) {
    const { parseFeed } = require("@rowanmanning/feed-parser");
    return parseFeed(text).items.map((item) => ({
      id: item.id,
      title: item.title,
      url: item.url,
      published: item.published,
    }));
  },
};

const found = [];
for (const file of files) found.push(await readers[name](readFileSync(file, "utf8")));
process.stdout.write(JSON.stringify(found));
