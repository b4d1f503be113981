import type { Answers } from '../../command/result.ts'
import { fromRepositoryRoot } from '../../core/repository-path.ts'
import { faultCode } from './fault-text.ts'

type LintResult = Answers['lint']

interface Case {
  readonly file: string
  readonly name: string
  readonly kind: string
  readonly message: string
  readonly text: string
}

/** The findings as JUnit XML, which most CI servers show: a suite per file, a failed test per finding. One suite passes where nothing was found. */
export function writeJunit({ faults, findings, folder }: LintResult): string {
  const place = (file: string): string => fromRepositoryRoot(folder, file)
  const cases: readonly Case[] = [
    ...faults.map(({ what, why = '', next = '', where }) => ({
      file: where?.file === undefined ? 'project' : place(where.file),
      name: `${faultCode} ${where?.line ?? 1}`,
      kind: 'error',
      message: what,
      text: `${why} ${next}`.trim(),
    })),
    ...findings.map(({ file, code, line, column, severity, message, fix }) => ({
      file: place(file),
      name: `${code} ${line}:${column}`,
      kind: severity,
      message,
      text: fix,
    })),
  ]
  const files = [...new Set(cases.map(({ file }) => file))]
  const suites = files.map((file) =>
    writeSuite(
      file,
      cases.filter((each) => each.file === file),
    ),
  )
  const clean =
    '  <testsuite name="wwdb lint" tests="1" failures="0">\n    <testcase classname="wwdb lint" name="no findings"/>\n  </testsuite>'
  const total = Math.max(1, cases.length)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="wwdb lint" tests="${total}" failures="${cases.length}">
${suites.length === 0 ? clean : suites.join('\n')}
</testsuites>
`
}

function writeSuite(file: string, cases: readonly Case[]): string {
  const tests = cases.map(
    ({ name, kind, message, text }) => `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}">
      <failure type="${kind}" message="${escapeXml(message)}">${escapeXml(text)}</failure>
    </testcase>`,
  )
  return `  <testsuite name="${escapeXml(file)}" tests="${cases.length}" failures="${cases.length}">\n${tests.join('\n')}\n  </testsuite>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** XML 1.0 allows no control characters but these; C1 controls would control a terminal. */
function escapeXml(text: string): string {
  return (
    text
      .replace(/[^\t\n\r\u0020-\u007E\u00A0-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
      .replace(/[&<>"\n\r]/g, (character) => entities[character] ?? '')
      // GitHub's runner interprets `##[error]` anywhere in a line of a log.
      .replaceAll('##[', '#&#35;[')
  )
}
