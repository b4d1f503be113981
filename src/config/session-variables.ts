/**
 * The session variables that change what a statement of a migration means or leaves behind: sessions are pinned to these values, independent of the
 * server's globals, and `session.variables` of the configuration overrides them. Variables that change only what wwdb itself sees are pinned in
 * `mysql/pinned-session.ts` and cannot be configured.
 */
export interface MeaningVariable {
  /** MySQL's default, in the form of an assignment. */
  readonly standard: string
  readonly form: 'switch' | 'number' | 'word'
  /** The numbers that MySQL accepts. */
  readonly most?: number
  /**
   * True where a version requires a privilege to set it, or a later version may remove it: it is set only where the session has another
   * value.
   */
  readonly restricted?: true
}

const word = (standard: string): MeaningVariable => ({ standard, form: 'word' })
const number = (standard: number, most: number): MeaningVariable => ({
  standard: String(standard),
  form: 'number',
  most,
})
const on: MeaningVariable = { standard: '1', form: 'switch' }
const off: MeaningVariable = { standard: '0', form: 'switch' }

const meaningVariables = {
  block_encryption_mode: word('aes-128-ecb'),
  collation_server: word('utf8mb4_0900_ai_ci'),
  cte_max_recursion_depth: number(1000, 4_294_967_295),
  default_collation_for_utf8mb4: { ...word('utf8mb4_0900_ai_ci'), restricted: true },
  default_storage_engine: word('InnoDB'),
  default_tmp_storage_engine: word('InnoDB'),
  default_week_format: number(0, 7),
  div_precision_increment: number(4, 30),
  enable_cascade_triggers: { ...off, restricted: true },
  explicit_defaults_for_timestamp: { ...on, restricted: true },
  group_concat_max_len: number(1024, 4_294_967_295),
  innodb_ft_enable_stopword: on,
  innodb_ft_user_stopword_table: word(''),
  innodb_strict_mode: { ...on, restricted: true },
  lc_time_names: word('en_US'),
  max_error_count: { ...number(1024, 65_535), restricted: true },
  max_points_in_geometry: number(65_536, 1_048_576),
  max_sp_recursion_depth: number(0, 255),
  old_alter_table: off,
  sql_generate_invisible_primary_key: { ...off, restricted: true },
  updatable_views_with_limit: on,
  windowing_use_high_precision: on,
} as const satisfies Readonly<Record<string, MeaningVariable>>

/** Values by name, in the form of assignments; of variables that the configuration sets. */
export type ChosenVariables = ReadonlyMap<string, string>

/**
 * The pattern of a value from which the text of an assignment is built: names of engines, character sets, languages and tables.
 */
export const plainWord = /^[A-Za-z0-9_.\-/@]*$/

/**
 * `ON`, `true` and `1` are the same value, and so are `OFF`, `false` and `0`; words are compared without regard to case, and none is
 * NULL.
 */
export function normalValue(value: string): string {
  const text = value.toLowerCase()
  if (text === 'on' || text === 'true' || text === 'yes') return '1'
  if (text === 'off' || text === 'false' || text === 'no') return '0'
  return text === 'null' ? '' : text
}

/** An assignment of a SET statement. */
export function assignVariable(name: string, { form }: MeaningVariable, value: string): string {
  if (form !== 'word') return `${name}=${value}`
  return value === '' ? `${name}=NULL` : `${name}='${value}'`
}

/** All of them with the session's value: the configuration's, else MySQL's default. */
export function listMeaningVariables(
  chosen: ChosenVariables,
): readonly (readonly [name: string, variable: MeaningVariable, value: string])[] {
  return Object.entries<MeaningVariable>(meaningVariables).map(([name, variable]) => [
    name,
    variable,
    chosen.get(name) ?? variable.standard,
  ])
}
