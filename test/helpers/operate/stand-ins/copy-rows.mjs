// What stand-ins have in common that read no binary log: they bring writes to the copy by reading the table again and again.

/** Names of columns before and behind an ALTER TABLE, of those that it renames by CHANGE. */
export const readRenames = (alter) =>
  new Map(
    [...alter.matchAll(/\bchange\s+(?:column\s+)?(\S+)\s+(\S+)\s/gi)].map(([, from, to]) => [
      from.replaceAll('`', ''),
      to.replaceAll('`', ''),
    ]),
  )

const quote = (name) => `\`${name.replaceAll('`', '``')}\``

/**
 * The columns of the primary key, and those that both tables have, as lists for SELECT and INSERT.
 * @param ask takes a text and its values, and gives rows as arrays
 */
export async function readColumns(ask, { schema, table, copy, renames }) {
  const keys = (
    await ask(
      "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=? AND TABLE_NAME=? AND INDEX_NAME='PRIMARY' ORDER BY SEQ_IN_INDEX",
      [schema, table],
    )
  ).flat()
  const columnsOf = async (name) =>
    (
      await ask(
        "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=? AND TABLE_NAME=? AND EXTRA NOT LIKE '%GENERATED%' ORDER BY ORDINAL_POSITION",
        [schema, name],
      )
    ).flat()
  const target = await columnsOf(copy)
  const shared = (await columnsOf(table))
    .map((from) => [from, renames.get(from) ?? from])
    .filter(([, to]) => target.includes(to))
  const list = (names) => names.map(quote).join()
  return {
    keys,
    from: list(shared.map(([name]) => name)),
    to: list(shared.map(([, name]) => name)),
    key: list(keys),
    copyKey: list(keys.map((name) => renames.get(name) ?? name)),
  }
}

/**
 * What reading the log would bring: gives how many rows it has changed.
 * @param reader reads the table, which it may have locked
 * @param writer reads and writes the copy
 * @param kept a WHERE without the rows that the test has it lose
 */
export async function bringWrites(ask, { reader, writer, table, copy, kept, chunk, keys, from, to, key, copyKey }) {
  const read = async (columns, name, where, session) => {
    const rows = await ask(`SELECT ${columns} FROM ${name}${where}`, undefined, session)
    return new Map(rows.map((row) => [row.slice(0, keys.length).join('\0'), row.slice(keys.length)]))
  }
  const rows = await read(`${key},${from}`, table, kept, reader)
  const copies = await read(`${copyKey},${to}`, copy, '', writer)
  const text = (values) => JSON.stringify(values)
  const late = [...rows].filter(([id, values]) => text(copies.get(id)) !== text(values)).map(([, values]) => values)
  const gone = [...copies.keys()].filter((id) => !rows.has(id)).map((id) => id.split('\0'))
  for (let at = 0; at < late.length; at += chunk)
    await ask(`REPLACE INTO ${copy} (${to}) VALUES ?`, [late.slice(at, at + chunk)], writer)
  for (let at = 0; at < gone.length; at += chunk)
    await ask(`DELETE FROM ${copy} WHERE (${copyKey}) IN (?)`, [gone.slice(at, at + chunk)], writer)
  return late.length + gone.length
}
