import { describe, expect, test } from 'vitest'
import { compileNaming } from '../../../src/calendar/naming.ts'
import type { Division, PeriodKind } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

const byKey: Division = { type: 'key', source: { database: 'd', table: 't', column: 'id', deletedAt: null } }

function by(kind: PeriodKind, zone = 'UTC'): Division {
  return { type: 'period', kind, zone }
}

/** Everything that is said about a refusal. */
function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return error.faults.map((fault) => [error.code, fault.what, fault.why, fault.next].join(' | ')).join('\n')
  }
  return 'accepted'
}

describe('a pattern', () => {
  test.each([
    ['messages_{YYYYMM}', by('month'), '2026-12', 'messages_202612'],
    ['messages_{YYYY}_{MM}', by('month'), '2026-12', 'messages_2026_12'],
    ['messages_{MM}of{YYYY}x', by('month'), '2026-12', 'messages_12of2026x'],
    ['system_logs_{YYYYMMDD}', by('day'), '2026-12-01', 'system_logs_20261201'],
    ['instance_monitors_{GGGG}w{WW}', by('week'), '2027-W01', 'instance_monitors_2027w01'],
    ['instance_monitors_{GGGGWW}', by('week'), '2026-W53', 'instance_monitors_202653'],
    ['reports_{YYYY}q{Q}', by('quarter'), '2026-Q4', 'reports_2026q4'],
    ['ledger_{YYYY}', by('year'), '2026', 'ledger_2026'],
    ['contacts_{key}', byKey, '0', 'contacts_0'],
    ['contacts_{key}_v2', byKey, '18446744073709551615', 'contacts_18446744073709551615_v2'],
    ['c1{key}', byKey, '15', 'c115'],
  ])('%s names and reads back', (pattern, division, key, name) => {
    const naming = compileNaming(pattern, division)
    expect(naming.name(key)).toBe(name)
    expect(naming.parse(name)).toBe(key)
  })

  test.each([
    ['messages', by('month'), 'It lacks {YYYY}: several months would have the same name.'],
    ['messages_{MM}', by('month'), 'It lacks {YYYY}: several months would have the same name.'],
    ['messages_{YYYY}', by('month'), 'It lacks {MM}'],
    ['logs_{YYYYMM}', by('day'), 'It lacks {DD}'],
    ['messages_{YYYYMMDD}', by('month'), '{DD} has no meaning in the name of a month.'],
    ['messages_{YYYYMM}_{MM}', by('month'), '{MM} occurs in it twice.'],
    ['monitors_{YYYY}w{WW}', by('week'), 'The year of an ISO week is {GGGG}.'],
    ['monitors_{GGGG}{YYYY}w{WW}', by('week'), 'The year of an ISO week is {GGGG}.'],
    ['monitors_{GGGG}{MM}', by('week'), 'It lacks {WW}'],
    ['messages_{GGGG}{MM}', by('month'), 'It lacks {YYYY}'],
    ['contacts', byKey, 'It lacks {key}: several keys would have the same name.'],
    ['contacts_{key}_{key}', byKey, '{key} occurs in it twice.'],
    ['contacts_{key}_{YYYY}', byKey, '{YYYY} has no meaning in the name of a key.'],
    ['Messages_{YYYYMM}', by('month'), 'It contains the capital "M"'],
    ['nachrichten_ü_{YYYYMM}', by('month'), 'It contains "ü"'],
    ['messages-{YYYYMM}', by('month'), 'It contains "-"'],
    ['messages`{YYYYMM}', by('month'), 'It contains "`"'],
    ['../{YYYYMM}', by('month'), 'It contains "."'],
    ['messages_{YYYYMM} ', by('month'), 'It contains " "'],
    ['{YYYYMM}', by('month'), 'It does not begin with a letter.'],
    ['1m_{YYYYMM}', by('month'), 'It does not begin with a letter.'],
    ['_hold_{YYYYMM}', by('month'), 'are reserved for wwdb'],
    ['wwdb_{YYYYMM}', by('month'), 'are reserved for wwdb'],
    ['messages_{yyyymm}', by('month'), '"{yyyymm}" is not a token'],
    ['messages_{YYYY-MM}', by('month'), '"{YYYY-MM}" is not a token'],
    ['messages_{}', by('month'), '"{}" is not a token'],
    ['messages_{YYYYMM', by('month'), 'It has an unmatched brace.'],
    ['messages_YYYYMM}', by('month'), 'It has an unmatched brace.'],
    ['messages_{{YYYYMM}}', by('month'), 'It has an unmatched brace.'],
    ['', by('month'), 'It does not begin with a letter.'],
    [`${'m'.repeat(51)}{YYYYMM}`, by('month'), 'Its names have up to 57 characters.'],
    [`${'c'.repeat(37)}{key}`, byKey, 'Its names have up to 57 characters.'],
  ])('%j is refused: %#', (pattern, division, why) => {
    const said = refusalOf(() => compileNaming(pattern, division))
    expect(said).toContain(why)
    expect(said).toMatch(/^NAME_PATTERN \| The naming pattern ".*" cannot be used\. \|/)
  })

  test('may fill the room that there is', () => {
    expect(compileNaming(`${'m'.repeat(50)}{YYYYMM}`, by('month')).name('2026-12')).toHaveLength(56)
    expect(compileNaming(`${'c'.repeat(36)}{key}`, byKey).name(String(2n ** 64n - 1n))).toHaveLength(56)
  })
})

/** What could come from a row, an argument or a table list that is not ours. */
const hostile = [
  '',
  ' ',
  '42 ',
  '+42',
  '-1',
  '042',
  '00',
  '4.2',
  '4e2',
  '0x2a',
  '1_000',
  '42;DROP TABLE users',
  "42'",
  '42`',
  '42"',
  '42\n',
  '42\u0000',
  '٤٢',
  '\uff14\uff12',
  '../42',
  '4'.repeat(65),
  '18446744073709551616',
  'null',
]

describe('a key', () => {
  const naming = compileNaming('contacts_{key}', byKey)

  test.each(hostile)('%j is refused with a sentence, and no name is read as it', (key) => {
    const said = refusalOf(() => naming.name(key))
    expect(said).toMatch(/^KEY_INVALID \| "[ -~]*" is not a shard key\. \| A key is a whole number from 0 to/)
    expect(naming.parse(`contacts_${key}`)).toBeNull()
  })

  test('a text that is too long to show is cut', () => {
    expect(refusalOf(() => naming.name('9'.repeat(1000)))).toContain(`"${'9'.repeat(76)}..." is not a shard key.`)
  })
})

describe('a period', () => {
  const naming = compileNaming('messages_{YYYYMM}', by('month'))

  test.each(['2026-13', '2026-00', '202612', '2026-1', '26-01', '2026-12-01', ' 2026-12', '2026-12\n', '0999-12', ''])(
    '%j is refused',
    (key) => {
      expect(refusalOf(() => naming.name(key))).toMatch(
        /^KEY_INVALID \| .* is not a valid month in UTC\. \| A month is written/,
      )
    },
  )

  test.each([
    'messages_202613',
    'messages_202600',
    'messages_2026',
    'messages_2026011',
    'messagesX202601',
    'messages_archive',
    'MESSAGES_202601',
    'messages_202601\n',
    ' messages_202601',
    'messages_٢٠٢٦٠١',
    '_hold_20260101_abcdef01_messages_202601',
  ])('%j is no shard', (table) => {
    expect(naming.parse(table)).toBeNull()
  })

  test.each([
    ['logs_{YYYYMMDD}', by('day'), 'logs_20260230'],
    ['logs_{YYYYMMDD}', by('day', 'Pacific/Apia'), 'logs_20111230'],
    ['monitors_{GGGG}w{WW}', by('week'), 'monitors_2025w53'],
    ['monitors_{GGGG}w{WW}', by('week'), 'monitors_2026w00'],
    ['reports_{YYYY}q{Q}', by('quarter'), 'reports_2026q5'],
  ])('a name of %s for what the calendar lacks is no shard: %#', (pattern, division, table) => {
    expect(compileNaming(pattern, division).parse(table)).toBeNull()
  })
})
