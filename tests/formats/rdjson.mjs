// Proves that another implementation of reviewdog's format takes our rdjson reports:
//
//   node rdjson.mjs REPORT.rdjson...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Its ES modules name each other in a way that Node does not follow.
const { RDFormatValidator } = createRequire(import.meta.url)("@umbrelladocs/rdformat-validator");
const validator = new RDFormatValidator({ strictMode: true, allowExtraFields: false });
let faults = 0;
for (const report of process.argv.slice(2)) {
  const result = await validator.validateString(readFileSync(report, "utf8"));
  for (const fault of result.errors ?? []) {
    console.log(`${report}: ${fault.path}: ${fault.message}`);
    faults += 1;
  }
  if (!result.valid && !result.errors?.length) {
    console.log(`${report}: refused`);
    faults += 1;
  }
}
process.exit(faults === 0 ? 0 : 1);
