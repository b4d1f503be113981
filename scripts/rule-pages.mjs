// The pages of rules: docs/reference/rules.md and one page a rule, from the files of src/lint/rules.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const families = {
  'data-loss': 'Data loss',
  blocking: 'Blocking and rewriting',
  compatibility: 'Running code',
  'existing-rows': 'Existing rows',
  keys: 'Keys and indexes',
  types: 'Types',
  options: 'Engines, options and settings',
  'data-changes': 'Changes of rows',
  replication: 'Replication',
  'stored-code': 'Stored code',
  naming: 'Naming and comments',
  hygiene: 'Hygiene',
  'known-objects': 'Objects that do not exist',
  shards: 'Shards',
  upgrade: 'Upgrades',
}

export const fileOf = (code) => `${code.toLowerCase().replaceAll('_', '-')}.md`

/** @param rules every rule with its `kind`, or with `looksAt` */
export function rulePages(rules) {
  const pages = new Map(rules.map((rule) => [`docs/reference/rules/${fileOf(rule.code)}`, pageOf(rule)]))
  pages.set('docs/reference/rules.md', indexOf(rules))
  return pages
}

/** Pages of rules that are gone. */
export function stalePages(root, pages) {
  const folder = join(root, 'docs/reference/rules')
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => !pages.has(`docs/reference/rules/${name}`))
}

export function removePages(root, names) {
  for (const name of names) rmSync(join(root, 'docs/reference/rules', name))
}

/** One list of all rules. */
function indexOf(rules) {
  const parts = Object.entries(families).flatMap(([family, heading]) => {
    const own = rules.filter((rule) => rule.family === family)
    if (own.length === 0) return []
    const rows = own.map(
      ({ code, kind, severity, title }) =>
        `| [\`${code}\`](rules/${fileOf(code)}) | ${severity}${kind === undefined ? '' : `, ${kind} hazard`} | ${cell(title.en)} | ${cell(title.zh)} |`,
    )
    return [`## ${heading}\n\n| rule | severity | it finds | 中文 |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`]
  })
  return `# Rules of lint

<!-- Made by \`npm run generate\` from src/lint/rules; do not edit. -->

The ${rules.length} rules that [\`wwdb lint\`](../guides/lint.md) asks. A hazard is a rule that \`plan\` and \`migrate\` ask, too: [hazards](hazards.md) says what stops a run, and how it is allowed.

${parts.join('\n')}`
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}

function pageOf({ code, kind, severity, family, title, why, fix, manual, options, onByDefault, fixtures }) {
  const bad = fixtures.found[0]
  const good = fixtures.clean[0]
  const settings = Object.entries(options ?? {}).map(
    ([name, value]) => `\`${name}\` (default \`${Array.isArray(value) ? value.join(', ') : value}\`)`,
  )
  const lines = [
    `# ${code}`,
    '',
    '<!-- Made by `npm run generate` from src/lint/rules; do not edit. -->',
    '',
    `${title.en}. ${kind === undefined ? 'Severity' : `A ${kind} hazard; severity`}: ${severity}. Family: ${families[family]}.${onByDefault === false ? ' Off unless the configuration turns it on.' : onByDefault === 'strict' ? ' In the strict set: off without `lint.strict` or `--strict`.' : ''}`,
    '',
    ...(settings.length === 0 ? [] : [`Options: ${settings.join(', ')}.`, '']),
    '## Found',
    '',
    ...sample(bad),
    '## Not found',
    '',
    ...sample(good),
    '## Why',
    '',
    why.en,
    '',
    '## What to do',
    '',
    fix.en,
    '',
    ...shown(fixtures.found),
    `${manual.startsWith('https://vitess.io/') ? 'Vitess' : 'MySQL'} manual: <${manual}>`,
    '',
    '## 中文',
    '',
    `${title.zh}。`,
    '',
    why.zh,
    '',
    fix.zh,
    '',
  ]
  return lines.join('\n')
}

function sample({ setup, headers, sql, down, later, templates = {} }) {
  const parts = [
    ...Object.entries(templates).map(([family, text]) => `-- The template of ${family}:\n${text}`),
    ...(setup === undefined ? [] : [`-- Applied before:\n${setup};`]),
    ...(headers === undefined ? [] : [headers]),
    `${sql};`,
    ...(down === undefined ? [] : [`-- migrate:down\n${down};`]),
    ...(later === undefined ? [] : [`-- A later file:\n${later};`]),
  ]
  return ['```sql', parts.join('\n\n'), '```', '']
}

const meanings = {
  refuses: ({ number }) => `the server refuses it (error ${number})`,
  warns: ({ number }) => `the server warns (${number})`,
  copies: () => '`ALGORITHM=INPLACE` is refused: the table is copied',
  rebuilds: () => '`ALGORITHM=INSTANT` is refused: the table is rebuilt',
  blocks: () => '`LOCK=NONE` is refused: writes wait',
  accepts: () => 'the server takes it without a warning',
  answers: ({ query, answer }) => `\`${query}\` then answers \`${answer}\``,
}

function shown(found) {
  const claims = found.flatMap(({ claims: own = [] }) => (Array.isArray(own) ? own : [own]))
  const lines = claims.map((claim) => {
    const range = [
      ...(claim.since === undefined ? [] : [`from ${claim.since}`]),
      ...(claim.before === undefined ? [] : [`before ${claim.before}`]),
    ]
    return `- ${meanings[claim.server]?.(claim) ?? claim.server} (${range.length === 0 ? '8.0.12 and 9.7' : range.join(', ')})`
  })
  if (lines.length === 0) return []
  return ['Shown on real servers:', '', ...new Set(lines), '']
}
