// Replaces how mysql2 reads the rows of an answer: it makes code for the columns of each question and has V8 compile it, a third of a millisecond a
// question, which pays from hundreds of rows on. A run with nothing to do asks some ten questions a database, most of which have a few rows.
const Charsets = require('../../node_modules/mysql2/lib/constants/charsets.js')
const Types = require('../../node_modules/mysql2/lib/constants/types.js')

/** So many rows of an answer are read without code of their own. */
const fewRows = 300

const readInteger = (packet) => packet.parseLengthCodedIntNoBigCheck()
const readBigInteger = (packet) => packet.parseLengthCodedInt(true)
const readFloat = (packet) => packet.parseLengthCodedFloat()
const readAscii = (packet) => packet.readLengthCodedString('ascii')
const readBytes = (packet) => packet.readLengthCodedBuffer()
const readText = (packet, field) => packet.readLengthCodedString(field.encoding)

/** By type, what the driver reads under the options of wwdb's own connections; null where the driver decides. */
const readers = new Map([
  ...['TINY', 'SHORT', 'LONG', 'INT24', 'YEAR'].map((name) => [Types[name], readInteger]),
  [Types.LONGLONG, readBigInteger],
  ...['FLOAT', 'DOUBLE'].map((name) => [Types[name], readFloat]),
  ...['DECIMAL', 'NEWDECIMAL', 'DATE', 'DATETIME', 'TIMESTAMP', 'TIME'].map((name) => [Types[name], readAscii]),
  ...['NULL', 'GEOMETRY', 'VECTOR', 'JSON'].map((name) => [Types[name], null]),
])

function readerOf(field) {
  const reader = readers.get(field.columnType)
  if (field.extendedFormat !== undefined || reader === null) return null
  return reader ?? (field.characterSet === Charsets.BINARY ? readBytes : readText)
}

/** True for what wwdb itself asks: users' own code may want rows as objects, or values of other types. @param options of the question, and those of its connection */
function isPlain({
  rowsAsArray,
  typeCast,
  nestTables,
  supportBigNumbers,
  bigNumberStrings,
  decimalNumbers,
  dateStrings,
}) {
  const asArray = rowsAsArray === true && typeCast === true && !nestTables
  return asArray && supportBigNumbers === true && !bigNumberStrings && !decimalNumbers && dateStrings === true
}

/** @returns a class whose `next` reads a row */
module.exports = function getTextParser(fields, options, config) {
  const compile = () => require('../../node_modules/mysql2/lib/parsers/text_parser.js')(fields, options, config)
  const own = fields.map(readerOf)
  // Names such as `__proto__` are refused when the code is made, before any row.
  if (!isPlain(options) || own.includes(null) || fields.some(({ name }) => name.startsWith('__'))) return compile()
  return class {
    #rows = 0
    #compiled = null

    next(packet, _fields, rowOptions) {
      this.#rows += 1
      if (this.#rows > fewRows) {
        this.#compiled ??= new (compile())(fields)
        return this.#compiled.next(packet, fields, rowOptions)
      }
      const row = new Array(own.length)
      for (let index = 0; index < own.length; index += 1) row[index] = own[index](packet, fields[index])
      return row
    }
  }
}
