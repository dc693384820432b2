// Reads an AsyncAPI document from standard input and prints what the AsyncAPI initiative's parser says about it, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { Parser } = require("@asyncapi/parser");
const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const problems = diagnostics.map(({ severity, message, path }) => ({ severity, message, path: path.join(".") }));
const messages = document ? document.messages().all().map((message) => message.id()) : [];
console.log(JSON.stringify({ valid: document !== undefined, messages, problems }));
