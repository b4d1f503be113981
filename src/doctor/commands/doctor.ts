import { defineCommand } from '../../command/define-command.ts'
import { language } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { severities } from '../check.ts'
import { checks } from '../checks.generated.ts'
import { examine } from '../examine.ts'
import { judgeFacts } from '../judge.ts'

/** `wwdb doctor`: finds what is wrong anywhere, and says how to fix it. Writes nothing. */
export const command = defineCommand({
  name: 'doctor',
  group: 'Databases and projects',
  summary: 'find problems with files, servers and stores, and how to fix them',
  purpose:
    'Checks everything that a run depends on: the configuration, the files, every server with its settings, ' +
    'clocks, replicas, accounts, locks, shards and disks, and every store besides MySQL. Each finding has a code, ' +
    'what is wrong, why it matters and how to fix it. Servers are checked in parallel, and one that does not ' +
    'answer is a finding next to those of the others. A store that is declared without a URL is not configured ' +
    'here, and is skipped. Writes nothing. List expected findings in `doctor.ignore` of the configuration, with ' +
    'the reason. Exit code 1 if a finding is as severe as `--fail-on` says.',
  examples: [
    { command: 'wwdb doctor', purpose: 'before a deployment, and when something is odd' },
    { command: 'wwdb doctor --env production --json', purpose: 'from monitoring' },
    { command: 'wwdb doctor --fail-on warning', purpose: 'in CI, where warnings fail as well' },
    { command: 'wwdb doctor --list', purpose: 'what is checked' },
    { command: 'wwdb doctor --language zh', purpose: 'findings in Chinese' },
  ],
  flags: {
    'What to show': {
      list: { description: 'list the checks with their codes, without running them' },
      language,
    },
    'What fails': {
      failOn: {
        value: 'SEVERITY',
        description: 'exit code 1 for findings of at least this severity',
        choices: severities,
        default: 'error',
      },
    },
  },
  exitCodes: [...exitCodesOf.project, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  stores: true,
  async run({ list = false, language, failOn }, context) {
    const started = performance.now()
    if (list) {
      const known = checks.map(({ code, severity, asks }) => ({
        code,
        severity,
        asks: asks[language ?? 'en'],
        findings: 0,
      }))
      const none = { findings: [], ignored: [], unchecked: [], notConfigured: [], milliseconds: 0 }
      const nowhere = { answered: 0, all: 0 }
      return {
        result: {
          kind: 'doctor',
          ...none,
          language: language ?? 'en',
          checks: known,
          servers: nowhere,
          stores: nowhere,
        },
        exitCode: exitCodes.done,
      }
    }
    const facts = await examine(context)
    const judged = judgeFacts(checks, facts, language ?? facts.config?.lint.language)
    return {
      result: { kind: 'doctor', ...judged, milliseconds: performance.now() - started },
      exitCode: judged.findings.some(({ severity }) => severity === 'error' || failOn === 'warning')
        ? exitCodes.findings
        : exitCodes.done,
    }
  },
})
