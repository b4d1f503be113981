import { hash } from 'node:crypto'
import type { Answers } from '../../command/result.ts'
import { fromRepositoryRoot } from '../../core/repository-path.ts'
import type { LintSeverity } from '../rule.ts'
import { faultCode, faultText } from './fault-text.ts'

type LintResult = Answers['lint']

const severities = { error: 'major', warning: 'minor', hint: 'info' } as const satisfies Readonly<
  Record<LintSeverity, string>
>

/** The findings as a Code Quality report of GitLab: a JSON array of `description`, `check_name`, `fingerprint`, `severity` and `location`. */
export function writeGitlab({ faults, findings, folder }: LintResult): string {
  const place = (file: string): string => fromRepositoryRoot(folder, file)
  const broken = faults.map((fault) => ({
    description: faultText(fault),
    check_name: faultCode,
    fingerprint: hash('sha256', `${fault.where?.file ?? ''}\0${fault.what}`, 'hex').slice(0, 32),
    severity: 'blocker',
    location: { path: place(fault.where?.file ?? ''), lines: { begin: fault.where?.line ?? 1 } },
  }))
  const found = findings.map(({ code, severity, message, fix, file, line, endLine, fingerprint }) => ({
    description: `${message} ${fix}`,
    check_name: code,
    fingerprint,
    severity: severities[severity],
    location: { path: place(file), lines: { begin: line, end: endLine } },
  }))
  return `${JSON.stringify([...broken, ...found], null, 2)}\n`
}
