/** What takes a table option back to what it is when nobody says it (manual, "CREATE TABLE Statement", table options). */
const neutral: Readonly<Record<string, string>> = {
  COMMENT: "''",
  COMPRESSION: "''",
  CONNECTION: "''",
  ENCRYPTION: "'N'",
  AUTOEXTEND_SIZE: '0',
  AVG_ROW_LENGTH: '0',
  CHECKSUM: '0',
  DELAY_KEY_WRITE: '0',
  KEY_BLOCK_SIZE: '0',
  MAX_ROWS: '0',
  MIN_ROWS: '0',
  ENGINE_ATTRIBUTE: "''",
  SECONDARY_ENGINE: 'NULL',
  SECONDARY_ENGINE_ATTRIBUTE: "''",
}

/** The clause of ALTER TABLE that forgets an option. */
export function resetOption(name: string): string {
  return `${name} = ${neutral[name] ?? 'DEFAULT'}`
}
