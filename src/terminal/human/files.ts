import type { Result } from '../../core/result.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { nextLines, type Page, symbol } from './page.ts'

type FilesResult = Extract<Result, { readonly kind: 'files' }>

/** Which files were written, and what to do with them. */
export function renderFiles(result: FilesResult, page: Page): readonly Line[] {
  const none: Line[] = result.created.length + result.changed.length === 0 ? [['No file was written.']] : []
  return [
    ...result.created.flatMap((file) =>
      wrapLine([symbol('good'), ' created ', toned('strong', file)], page.columns, 2),
    ),
    ...result.changed.flatMap((file) =>
      wrapLine([symbol('good'), ' changed ', toned('strong', file)], page.columns, 2),
    ),
    ...none,
    ...nextLines(result.next, page),
  ]
}
