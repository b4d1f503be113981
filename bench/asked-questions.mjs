/**
 * What wwdb asks while `work` runs, by the server's own log: the texts that a condition on `mysql.general_log` chooses, in their order.
 * @param {import('./server.mjs').Server} server
 * @param {() => Promise<void>} work
 * @param {string} condition
 * @returns {Promise<readonly string[]>}
 */
export async function askedQuestions(server, work, condition) {
  await server.query(`TRUNCATE mysql.general_log; SET GLOBAL log_output='TABLE'; SET GLOBAL general_log=ON`)
  await work()
  await server.query('SET GLOBAL general_log=OFF')
  const lines = await server.query(
    `SELECT HEX(argument) FROM mysql.general_log WHERE command_type='Query' AND ${condition} ORDER BY event_time`,
  )
  const texts = lines.split('\n').map((line) => Buffer.from(line, 'hex').toString('utf8').replace(/;$/, ''))
  if (texts[0] === '') throw new Error('wwdb asked no such question')
  return texts
}
