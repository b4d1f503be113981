// Prints what is wrong with the texts that people read: a line for each, of faults, hazards, warnings and notes in src. It reads the syntax trees with
// the compiler of ts-json-schema-generator, because the compiler that checks this project has no interface for programs.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'

const require = createRequire(import.meta.url)
const ts = createRequire(require.resolve('ts-json-schema-generator'))('typescript')

/** Names of values that are sentences themselves, with their own full stop; of a list of lines, and of SQL that is cut to a line. */
const sentences =
  /^(?:what|why|next|help|known|repeat|danger|warning|instead|statement|describe\w+|messageOf|nameTable)$/

/** The texts that an expression may have, each as its literal and its computed parts. */
function textsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [[node.text]]
  if (ts.isTemplateExpression(node))
    return [[node.head.text, ...node.templateSpans.flatMap(({ expression, literal }) => [expression, literal.text])]]
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return textsOf(node.left).flatMap((left) => textsOf(node.right).map((right) => [...left, ...right]))
  return [[node]]
}

function lastName(node) {
  if (ts.isCallExpression(node)) return lastName(node.expression)
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  return ts.isIdentifier(node) ? node.text : ''
}

/** What is wrong with one text; a text that is one computed value is not decided here. */
function faultOf(parts) {
  const filled = parts.filter((part) => part !== '')
  const last = filled.at(-1)
  const isOpen = typeof last === 'string' ? !/[.?!]$/.test(last) : filled.length > 1 && !sentences.test(lastName(last))
  if (isOpen) return 'has no full stop'
  const plain = parts
    .map((part) => (typeof part === 'string' ? part : 'x'))
    .join('')
    .replace(/`[^`]*`/g, '')
  if (/(?:^|[\s("])--[a-z]/.test(plain)) return 'has a flag without backticks'
  return /"wwdb [a-z]/.test(plain) ? 'has a command in quotes, not in backticks' : null
}

/** The expressions below a node that people read. */
function messagesIn(node) {
  if (ts.isCallExpression(node)) return lastName(node.expression) === 'note' ? node.arguments.slice(0, 1) : []
  if (!ts.isObjectLiteralExpression(node)) return []
  const values = new Map(node.properties.map((one) => [one.name?.getText(), one.initializer]))
  const pick = (...names) => names.flatMap((name) => values.get(name) ?? [])
  const isError = ts.isNewExpression(node.parent) && node.parent.expression.getText() === 'ToolError'
  const isFault = values.has('what') && (isError || ['why', 'next', 'where'].some((name) => values.has(name)))
  if (isFault) return pick('what', 'why', 'next')
  if (values.has('why') && values.has('instead')) return pick('why', 'instead')
  return values.get('type')?.text === 'warning' ? pick('message') : []
}

function faultsIn(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = (node) => {
    for (const message of messagesIn(node)) {
      const line = source.getLineAndCharacterOfPosition(message.getStart(source)).line + 1
      for (const fault of textsOf(message).map(faultOf))
        if (fault !== null) found.push(`${file}:${line} ${fault}: ${message.getText(source)}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const [folder = ''] = argv.slice(2)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
for (const file of files.toSorted())
  for (const fault of faultsIn(file, readFileSync(join(folder, file), 'utf8'))) stdout.write(`${fault}\n`)
