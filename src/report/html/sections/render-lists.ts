import { formatDuration } from '../../../core/duration.ts'
import { foldFindings } from '../../fold-findings.ts'
import { html, type Markup, prose } from '../../markup/html.ts'
import { isWhole, type Report, type ReportFinding, type ReportRun, type ReportStore } from '../../report.ts'
import { judgeReport } from '../../verdict.ts'
import type { Words } from '../../words.ts'

/**
 * What is wrong, first on the page, with the parts where it was found. Hints are not counted: they require no action.
 */
export function renderVerdict(report: Report, words: Words): Markup {
  const { errors, warnings, parts, whole } = judgeReport(report)
  const tone = errors > 0 ? 'bad' : warnings > 0 || !whole ? 'warn' : 'good'
  const none = whole ? words.nothingWrong : words.nothingWrongSeen
  return html`<section id="verdict" class="verdict ${tone}"><h2>${errors + warnings === 0 ? none : words.wrong(errors, warnings)}</h2>${
    parts.length === 0
      ? null
      : html`<ul>${parts.map((one) => html`<li><a href="#${one.part}">${words[one.part]}</a>: ${words.wrong(one.errors, one.warnings)}</li>`)}</ul>`
  }</section>`
}

/** The parts that could not be read, next on the page: what is not shown must not seem to be absent. */
export function renderGaps({ gaps }: Report, words: Words): Markup {
  if (gaps.length === 0) return html``
  return html`<section id="gaps" class="gaps"><h2>${words.gaps}</h2><p>${words.gapsWhy}</p><ul>${gaps.map(
    ({ part, place, why, next }) =>
      html`<li><strong>${words.parts[part]}${place === null ? '' : `, ${place}`}</strong>: <span lang="en">${prose(why)}${next === null ? null : html` ${prose(next)}`}</span></li>`,
  )}</ul></section>`
}

/** Runs with bars for their duration; the square root, so that a second is still visible beside an hour. */
export function renderRuns(report: Report, words: Words): Markup {
  const { runs } = report
  const longest = Math.max(1, ...runs.map(({ milliseconds }) => milliseconds ?? 0))
  return html`<section id="runs"><h2>${words.runs}</h2>
${
  runs.length === 0
    ? html`<p>${isWhole(report, 'runs') ? words.none.runs : words.notRead}</p>`
    : html`<table class="runs"><thead><tr><th scope="col">${words.when}</th><th scope="col">${words.command}</th><th scope="col">${words.duration}</th><th scope="col">${words.outcome}</th><th scope="col">${words.databases}</th><th scope="col">${words.by}</th></tr></thead>
<tbody>${runs.map((run) => renderRun(run, longest, words))}</tbody></table>`
}</section>`
}

function renderRun(run: ReportRun, longest: number, words: Words): Markup {
  const { startedAt, command, milliseconds, outcome, databases, by, error } = run
  const width = Math.max(1, Math.round(Math.sqrt((milliseconds ?? 0) / longest) * 80))
  const bar = html`<svg class="bar" width="80" height="8" aria-hidden="true"><rect width="${width}" height="8"/></svg> ${formatDuration(milliseconds ?? 0)}`
  return html`<tr><td><time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')}</time></td><th scope="row"><code>wwdb ${command}</code></th><td class="duration">${milliseconds === null ? '' : bar}</td><td><span class="outcome ${outcome}">${words.outcomes[outcome]}</span>${error === null ? null : html` <span lang="en">${prose(error)}</span>`}</td><td>${databases.join(', ')}</td><td>${by}</td></tr>
`
}

type FindingPart = 'drift' | 'lint' | 'doctor'

export function renderFindings(part: FindingPart, report: Report, words: Words): Markup {
  const findings = report[part]
  const none = isWhole(report, part) ? html`<p class="good">${words.none[part]}</p>` : html`<p>${words.notRead}</p>`
  return html`<section id="${part}"><h2>${words[part]}</h2>
${findings.length === 0 ? none : renderList(findings, words, part === 'drift' ? 'en' : words.language)}
</section>`
}

function renderList(findings: readonly ReportFinding[], words: Words, language: string): Markup {
  const folded = foldFindings(findings)
  const hints = folded.filter(({ severity }) => severity === 'hint')
  const count = findings.filter(({ severity }) => severity === 'hint').length
  return html`${renderFolded(
    folded.filter(({ severity }) => severity !== 'hint'),
    words,
    language,
  )}${hints.length === 0 ? null : html`<details class="hints"><summary>${words.hints(count)}</summary>${renderFolded(hints, words, language)}</details>`}`
}

function renderFolded(findings: ReturnType<typeof foldFindings>, words: Words, language: string): Markup {
  if (findings.length === 0) return html``
  return html`<ul class="findings">${findings.map(
    ({ severity, code, places, what, why, next }) =>
      html`<li><span class="severity ${severity}">${words.severities[severity]}</span> <code>${code}</code> <span class="place">${places.join(', ')}</span><div lang="${language}"><p>${prose(what)}${why === null ? null : html` ${prose(why)}`}</p>${next === null || next === '' ? null : html`<p class="next"><span lang="${words.language}">${words.next}</span>: ${prose(next)}</p>`}</div></li>
`,
  )}</ul>`
}

export function renderStores(report: Report, words: Words): Markup {
  const { stores } = report
  return html`<section id="stores"><h2>${words.stores}</h2>
${stores.length === 0 ? html`<p>${isWhole(report, 'stores') ? words.none.stores : words.notRead}</p>` : stores.map((store) => renderStore(store, words))}
</section>`
}

function renderStore({ store, server, state, unchanged, findings, fault }: ReportStore, words: Words): Markup {
  return html`<section class="store"><h3>${store} <span class="state ${state}">${words.storeStates[state]}</span></h3>
<p class="facts">${server}${state === 'unread' ? '' : ` · ${words.unchanged(unchanged)}`}</p>
${fault === null ? null : html`<p lang="en">${prose(fault)}</p>`}${findings.length === 0 ? null : renderList(findings, words, 'en')}</section>`
}
