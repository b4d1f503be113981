// Prints what is wrong with the texts that people read: a line for each, of faults, hazards, warnings and notes in src, and of
// sentences anywhere in it. It reads the syntax trees with
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

/** Values with these names are the name of a thing, and lists with these names are names of things. */
const things = 'table|column|schema|database|family|file|path|user|index|collection|bucket|directory|folder|setting'
const oneName = new RegExp(
  `^(?:name|account|constraint|variable|${things}|\\w+(?:Table|Column|Schema|Database|Family|File|Path|Name|User|Folder|Directory))$`,
)
const severalNames =
  /^(?:names|tables|columns|schemas|databases|families|files|paths|users|\w+(?:Tables|Columns|Files|Names))$/

/** What is called like a name without being one, with the reason. */
const noNames = [
  // The product, as people call it: Redis, Flyway, MariaDB.
  /^(?:tool|engine)\.name$/,
  // The greatest length of a name.
  /^longest\w+$/,
]

/** Values of one file that are called like a name without being one, with the reason. */
const noNamesOf = new Map([
  // The product, as people call it.
  ['doctor/checks/stores.ts', 'name'],
  ['schema/commands/prepare-adoption.ts', 'name'],
  // Comments in files that are written: a dump, the variables of a schedule.
  ['schema/fold-families.ts', 'family'],
  ['shards/schedule/scheduled-command.ts', 'name'],
])

/** True for an expression that is the name of a thing, or a list of such names with commas between them. */
function isNameOf(node, file) {
  if (ts.isCallExpression(node)) {
    const { expression: callee } = node
    if (!ts.isPropertyAccessExpression(callee)) return lastName(callee) === 'migrationLabel'
    return (
      callee.name.text === 'join' &&
      [', ', '、'].includes(node.arguments[0]?.text ?? '') &&
      severalNames.test(lastName(callee.expression))
    )
  }
  const text = node.getText()
  if (noNames.some((pattern) => pattern.test(text)) || noNamesOf.get(file) === text) return false
  return oneName.test(lastName(node))
}

/** In these the name stands as a clause of its own, or the column is a place in a text. */
const isPlace = (before) => /(?:line \S+|\S+:|, column )$/.test(before)

/**
 * The bare names of a text, read from its start with what stood before: a backtick opens and the next one closes. A name between two
 * backticks that touch it is quoted wherever they belong.
 */
function bareNames(node, file, state = { open: false, before: '' }) {
  const read = (text) => {
    if ((text.match(/`/g) ?? []).length % 2 === 1) state.open = !state.open
    state.before += text
    return []
  }
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return read(node.text)
  if (ts.isParenthesizedExpression(node)) return bareNames(node.expression, file, state)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return [...bareNames(node.left, file, state), ...bareNames(node.right, file, state)]
  if (ts.isConditionalExpression(node)) {
    const both = [node.whenTrue, node.whenFalse]
    return both.flatMap((one) => bareNames(one, file, both[0] === one ? { ...state } : state))
  }
  if (!ts.isTemplateExpression(node)) return []
  read(node.head.text)
  return node.templateSpans.flatMap(({ expression, literal }) => {
    const isQuoted = state.open || (state.before.endsWith('`') && literal.text.startsWith('`'))
    const isBare = !isQuoted && isNameOf(expression, file) && !isPlace(state.before)
    const inner = isBare ? [expression.getText()] : bareNames(expression, file, state)
    state.before += 'x'
    read(literal.text)
    return inner
  })
}

/** True for a text that is a whole sentence wherever it stands: in a line of an answer, in a helper that makes a message. */
function isSentence(node) {
  if (!ts.isTemplateExpression(node) || ts.isTaggedTemplateExpression(node.parent)) return false
  const text = node.head.text + node.templateSpans.map(({ literal }) => `x${literal.text}`).join('')
  if (/[\u4e00-\u9fff]/.test(text)) return /[。？！]$/.test(text)
  return /^[\sA-Zx`"'(]/.test(text) && /\s[a-z]{2,}\s/.test(text) && /[.?!]\s*$/.test(text) && !/\n.*\n/.test(text)
}

/** What is wrong with one text; a text that is one computed value is not decided here. */
function faultOf(parts) {
  const filled = parts.filter((part) => part !== '')
  const last = filled.at(-1)
  const isOpen =
    typeof last === 'string' ? !/[.?!。？！]$/.test(last) : filled.length > 1 && !sentences.test(lastName(last))
  if (isOpen) return 'has no full stop'
  const plain = parts
    .map((part) => (typeof part === 'string' ? part : 'x'))
    .join('')
    .replace(/`[^`]*`/g, '')
  if (/(?:^|[\s("])--[a-z]/.test(plain)) return 'has a flag without backticks'
  if (/"wwdb [a-z]/.test(plain)) return 'has a command in quotes, not in backticks'
  // JSON that is to be written keeps its quotes: a key before a colon, a value behind one.
  const fixed = parts.map((part) => (typeof part === 'string' ? part : '…')).join('')
  return /(?<!: |\{)"[a-z][\w-]*"(?!:)/.test(fixed) ? 'has a word in quotes, not in backticks' : null
}

/** True for a whole sentence in a plain text or a template, wherever it stands, that has a flag without backticks; not for what a program reads. */
function hasBareFlag(node) {
  const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)
  if (!isText || ts.isTaggedTemplateExpression(node.parent)) return false
  const [parts] = textsOf(node)
  const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')
  // A comment of a file that is written has a command line in quotes.
  if (!/\s[a-z]{2,}\s/.test(text) || !/[.?!]\s*$/.test(text) || /" *:/.test(text)) return false
  return /(?:^|[\s("])--[a-z]/.test(text.replace(/`[^`]*`/g, ''))
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
    if (hasBareFlag(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
      found.push(`${file}:${line} has a flag without backticks: ${node.getText(source)}`)
    }
    for (const text of isSentence(node) ? [node] : messagesIn(node)) {
      const line = source.getLineAndCharacterOfPosition(text.getStart(source)).line + 1
      for (const name of new Set(bareNames(text, file)))
        found.push(`${file}:${line} has a name without backticks, ${name}: ${text.getText(source)}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...new Set(found)]
}

const [folder = ''] = argv.slice(2)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
for (const file of files.toSorted())
  for (const fault of faultsIn(file, readFileSync(join(folder, file), 'utf8')))
    stdout.write(`${fault.replaceAll(/\s*\n\s*/g, ' ')}\n`)
