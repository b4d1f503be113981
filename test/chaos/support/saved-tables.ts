type Rows = readonly (readonly unknown[])[]
type Ask = (sql: string) => Promise<Rows>

/** Tables as a dump has them: how each is created, and its rows. */
export type SavedTables = ReadonlyMap<string, readonly [ddl: string, rows: Rows]>

/** Saves every table of a schema. */
export async function saveTables(ask: Ask): Promise<SavedTables> {
  const tables = new Map<string, readonly [string, Rows]>()
  for (const [name] of await ask('SHOW TABLES')) {
    const [[, ddl = ''] = []] = await ask(`SHOW CREATE TABLE \`${String(name)}\``)
    tables.set(String(name), [String(ddl), await ask(`SELECT * FROM \`${String(name)}\``)])
  }
  return tables
}

/**
 * Takes away what is chosen of the tables that are there, and makes what is chosen of the saved ones.
 * @param spell how a table is to be called where it is restored
 */
export async function restoreTables(
  ask: Ask,
  tables: SavedTables,
  isChosen: (table: string) => boolean,
  spell: (table: string) => string = (table) => table,
): Promise<void> {
  for (const [name] of await ask('SHOW TABLES')) if (isChosen(String(name))) await ask(`DROP TABLE \`${String(name)}\``)
  for (const [name, [ddl, rows]] of tables) {
    if (!isChosen(name)) continue
    await ask(ddl.replace(`\`${name}\``, `\`${spell(name)}\``))
    for (const row of rows) await ask(`INSERT INTO \`${spell(name)}\` VALUES (${row.map(literal).join(',')})`)
  }
}

/** Texts and numbers as they were read. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (value === '') return "''"
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex') || '00'}`
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`
}
