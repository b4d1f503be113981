/**
 * - `word`            keyword, unquoted name or function: text as written
 * - `name`            a quoted name, unquoted; or one with a `{{placeholder}}` in it, verbatim
 * - `string`          its content, without quotes and escapes
 * - `number`          as written
 * - `user-variable`   `@x`, @`x`, @'x': its name without the @ and quotes. A host after an account's name
 *                     (`root`@`localhost`) is one, too: only the place tells them apart
 * - `system-variable` `@@session.x`: `session.x`
 * - `punctuation`     one character, or `:=`
 */
export interface Token {
  readonly type: 'word' | 'name' | 'string' | 'number' | 'user-variable' | 'system-variable' | 'punctuation'
  readonly text: string
  /** Offsets in the statement's text; `end` is the one after its last character. */
  readonly start: number
  readonly end: number
}
