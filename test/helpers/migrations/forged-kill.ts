type Query = (text: string) => Promise<unknown>

/**
 * What a run that is killed leaves of the record of the schema: what was there before it. To be called before the run; the function that it
 * returns, after it, puts the record back.
 */
export async function keepRecord(query: Query): Promise<() => Promise<void>> {
  await query('CREATE TABLE kept AS SELECT * FROM wwdb_schema')
  return async () => {
    await query('DELETE FROM wwdb_schema')
    await query('INSERT INTO wwdb_schema SELECT * FROM kept')
    await query('DROP TABLE kept')
  }
}
