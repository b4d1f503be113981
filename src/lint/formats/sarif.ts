import type { Answers } from '../../command/result.ts'
import type { Language } from '../../core/language.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { LintSeverity, Rule } from '../rule.ts'
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
export function writeSarif(result: LintResult, rules: readonly Rule[], version: string, language: Language): string {
  const { findings, faults } = result
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
    originalUriBaseIds: { PROJECT: { description: { text: 'The folder of the configuration file.' } } },
    results: [
      ...faults.map((fault) => describeFault(fault, index.get(faultCode) ?? 0)),
      ...findings.map((finding) => describeFinding(finding, index.get(finding.code) ?? 0)),
    ],
  }
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(document, null, 2)}\n`
}

function describeRule({ code, title, why, fix, manual, severity, family }: Rule, language: Language) {
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

function describeFault(fault: Fault, ruleIndex: number) {
  const { where } = fault
  const region = where?.line === undefined ? {} : { region: { startLine: where.line, startColumn: where.column ?? 1 } }
  const file = where?.file
  const location = file === undefined ? [] : [{ physicalLocation: { artifactLocation: artifactOf(file), ...region } }]
  return { ruleId: faultCode, ruleIndex, level: 'error', message: { text: faultText(fault) }, locations: location }
}

function describeFinding(finding: LintFindingDocument, ruleIndex: number) {
  const { code, severity, message, fix, file, line, column, endLine, endColumn, fingerprint } = finding
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: `${message} ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(file),
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

function artifactOf(file: string) {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'PROJECT' }
}
