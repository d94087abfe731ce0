// Takes the lock of the database at the path given, and holds it until a line comes.
import { DatabaseSync } from "node:sqlite";

const db = new DatabaseSync(process.argv[2] ?? "");
db.exec("BEGIN EXCLUSIVE");
console.log("locked");
process.stdin.once("data", () => {
  db.exec("COMMIT");
  db.close();
  console.log("unlocked");
  process.stdin.unref();
});
