/** Twenty requests at a time: a server may have thousands of indices. */
const atOnce = 20

/** The answers in the order of the list. */
export async function inGroups<One, Answer>(
  list: readonly One[],
  ask: (one: One) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < list.length; start += atOnce) {
    answers.push(...(await Promise.all(list.slice(start, start + atOnce).map(ask))))
  }
  return answers
}
