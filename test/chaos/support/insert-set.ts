/** Rows of the set, in files of a hundred: more than two windows of short writes. */
export const insertedRows = 300

/** One INSERT a row, with nothing between them: they go in packets, and the next window is sent before what ran is reported. */
export const insertSet: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: insertedRows / 100 }, (_, file) => {
    const inserts = Array.from({ length: 100 }, (_, row) => `INSERT INTO entries (n) VALUES (${file * 100 + row});`)
    return [`migrations/app/00${file + 1}_fill.sql`, `-- migrate:up\n${inserts.join('\n')}\n-- migrate:down\n`]
  }),
)

/** Not idempotent: a row that is inserted twice is there twice. */
export const insertSetUp = 'CREATE TABLE entries (n INT NOT NULL);'
