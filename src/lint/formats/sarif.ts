import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Answers } from '../../command/result.ts'
import type { Language } from '../../core/language.ts'
import { fromRepositoryRoot } from '../../core/repository-path.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { DescribedCode, LintSeverity } from '../rule.ts'
import { faultCode, faultText } from './fault-text.ts'

type LintResult = Answers['lint']
type LintFindingDocument = LintResult['findings'][number]

const levels = { error: 'error', warning: 'warning', hint: 'note' } as const satisfies Readonly<
  Record<LintSeverity, string>
>

/**
 * The findings as SARIF 2.1.0 (OASIS), as GitHub's code scanning accepts it: metadata of the rules that found something, regions,
 * and fingerprints that stay the same when lines move.
 */
export function writeSarif(
  result: LintResult,
  rules: readonly DescribedCode[],
  version: string,
  language: Language,
  root: string,
): string {
  const { findings, faults, folder } = result
  const place = (file: string) => artifactOf(fromRepositoryRoot(folder, file))
  const used = rules.filter(({ code }) => findings.some((finding) => finding.code === code))
  const descriptors = [...used.map((rule) => describeRule(rule, language)), ...(faults.length > 0 ? [faultRule] : [])]
  const index = new Map(descriptors.map(({ id }, at) => [id, at]))
  const run = {
    tool: {
      driver: {
        name: 'wwdb',
        semanticVersion: version,
        informationUri: 'https://www.npmjs.com/package/wwdb',
        rules: descriptors,
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      [base]: { uri: uriOf(root, folder), description: { text: 'The root of the git repository, or the project.' } },
    },
    results: [
      ...faults.map((fault) => describeFault(fault, index.get(faultCode) ?? 0, place)),
      ...findings.map((finding) => describeFinding(finding, index.get(finding.code) ?? 0, place)),
    ],
  }
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(document, null, 2)}\n`
}

function describeRule({ code, title, why, fix, manual, severity, family }: DescribedCode, language: Language) {
  return {
    id: code,
    name: code,
    shortDescription: { text: title[language] },
    fullDescription: { text: why[language] },
    helpUri: manual,
    help: { text: `${why[language]}\n\n${fix[language]}` },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['mysql', family] },
  }
}

const faultRule = {
  id: faultCode,
  name: faultCode,
  shortDescription: { text: 'A file with syntax errors' },
  fullDescription: {
    text: 'The file cannot be read as a migration or a shard template, so its content was not reviewed.',
  },
  help: { text: 'Do what the message says; `wwdb validate` reports the same.' },
  defaultConfiguration: { level: 'error' as const },
  properties: { tags: ['mysql', 'hygiene'] },
}

function describeFault(fault: Fault, ruleIndex: number, place: Placing) {
  const { where } = fault
  const region = where?.line === undefined ? {} : { region: { startLine: where.line, startColumn: where.column ?? 1 } }
  const file = where?.file
  const location = file === undefined ? [] : [{ physicalLocation: { artifactLocation: place(file), ...region } }]
  return { ruleId: faultCode, ruleIndex, level: 'error', message: { text: faultText(fault) }, locations: location }
}

function describeFinding(finding: LintFindingDocument, ruleIndex: number, place: Placing) {
  const { code, severity, message, fix, file, line, column, endLine, endColumn, fingerprint } = finding
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: `${message} ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: place(file),
          region: {
            startLine: line,
            startColumn: column,
            endLine,
            endColumn: Math.max(endColumn, line === endLine ? column : 1),
          },
        },
      },
    ],
    partialFingerprints: { 'wwdb/v1': fingerprint },
  }
}

type Placing = (file: string) => ReturnType<typeof artifactOf>

/** The name that viewers of SARIF know for the root of the sources. */
const base = '%SRCROOT%'

/** The folder that the paths start from, with a slash at its end, as the standard asks. */
function uriOf(root: string, folder: string): string {
  const steps = folder === '' ? [] : folder.split('/').map(() => '..')
  return `${pathToFileURL(resolve(root, ...steps)).href}/`
}

function artifactOf(file: string) {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: base }
}
