import { quoteName } from '../../sql/quote-name.ts'
import type { Manifest } from './manifest.ts'

/**
 * What every value is read in when an archive is loaded. No strict mode: an ENUM's invalid value and a zero date are rows,
 * too; that all arrived is proven by the checksum.
 */
export const loadingSession =
  `SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00', ` +
  `foreign_key_checks=0, unique_checks=0, NAMES utf8mb4`

type Described = Pick<Manifest, 'family' | 'key' | 'table' | 'createTable'>

/** What an archive begins with, up to its rows. It follows from the manifest, so that the file's SHA-256 stands for both. */
export function headerText(content: Described): string {
  return `-- wwdb archive: ${content.family} ${content.key}\n${loadingSession};\n${content.createTable};\n`
}

/** The line before rows. `table` and columns as in the manifest, or the name that it is loaded under. */
export function insertLine(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(',')}) VALUES`
}

/** The line that ends a whole archive. */
export function footerLine(rows: number): string {
  return `-- ${rows} rows`
}
