import { countOf } from '../../core/plural.ts'
import type { Result } from '../../core/result.ts'
import type { TemplateCheck } from '../../shards/template-check.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderFault } from './fault.ts'
import { type Page, paragraph, symbol } from './page.ts'

type TemplatesResult = Extract<Result, { readonly kind: 'templates' }>

/** Each template with what the server made of it. */
export function renderTemplates({ templates }: TemplatesResult, page: Page): readonly Line[] {
  const faulty = templates.filter(({ faults }) => faults.length > 0).length
  const verdict = faulty === 0 ? toned('good', 'as written') : toned('bad', `${faulty} not as written`)
  return [
    ...templates.flatMap((template) => renderTemplate(template, page)),
    ...wrapLine([`${countOf(templates.length, 'template')}: `, verdict, '.'], page.columns, 2),
  ]
}

function renderTemplate({ family, file, tables, server, faults, changes }: TemplateCheck, page: Page): readonly Line[] {
  const good = faults.length === 0
  const tried = toned('faint', ` ${file}, tried as ${tables.join(' and ')} on ${server}`)
  return [
    ...wrapLine([symbol(good ? 'good' : 'bad'), ' ', toned('strong', family), tried], page.columns, 2),
    ...faults.flatMap((fault) => renderFault(fault, page)),
    ...changes.flatMap((change) => paragraph(['    '], change, 4, page)),
  ]
}
