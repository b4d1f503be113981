import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/doctor/checks.generated.ts'
import { type DoctorResult, doctorView } from '../../../src/doctor/commands/doctor-view.ts'
import { judgeFacts } from '../../../src/doctor/judge.ts'
import { everyFault } from '../../helpers/doctor/every-fault.ts'

const han = /\p{Script=Han}/u
const page = { columns: Infinity, verbose: false }
const judged = everyFault.map((facts) => judgeFacts(checks, facts, 'zh'))
const findings = judged.flatMap((one) => one.findings)

function textOf(answer: DoctorResult): readonly string[] {
  return [...doctorView.render(answer, page)].map((line) =>
    line.map((span) => (typeof span === 'string' ? span : span.text)).join(''),
  )
}

describe('`doctor --language zh`', () => {
  // No release line of Elasticsearch and InfluxDB that wwdb works with has a known end: their two checks find nothing.
  const silent = ['elasticsearch-end-of-life', 'influxdb-end-of-life']

  test('is shown with something that every check finds', () => {
    expect(checks.map(({ code }) => code).filter((code) => !findings.some((one) => one.code === code))).toEqual(silent)
  })

  test.each(findings)('$code says $what in Chinese', ({ what, why, fix }) => {
    for (const text of [what, why ?? what, fix]) expect(text).toMatch(han)
  })

  test('says in Chinese what it asked and what it could not look at', () => {
    for (const { unchecked, checks: asked } of judged) {
      for (const text of [...unchecked, ...asked.map(({ asks }) => asks)]) expect(text).toMatch(han)
    }
  })

  test('prints no line that is not in Chinese', () => {
    const [first] = judged
    const [finding] = findings
    if (first === undefined || finding === undefined) throw new Error('nothing was found')
    const ignored = [{ ...finding, reason: '预发布环境没有 NTP' }]
    for (const found of [first.findings, []]) {
      const answer = { kind: 'doctor' as const, ...first, ignored, findings: found, milliseconds: 1200 }
      for (const line of textOf(answer)) expect(line).toMatch(han)
    }
  })

  test('prints the list of the checks in Chinese', () => {
    const [first] = judged
    if (first === undefined) throw new Error('nothing was judged')
    const nowhere = { answered: 0, all: 0 }
    const list = { findings: [], unchecked: [], notConfigured: [], servers: nowhere, stores: nowhere, milliseconds: 0 }
    for (const line of textOf({ kind: 'doctor', ...first, ...list, ignored: [] })) {
      expect(line).toMatch(/错误|警告/)
    }
  })
})
