/** Lines of Chromium's log begin with process, time, level and place in brackets. */
const withoutPlace = line => line.replace(/^\[[^\]]*\]\s*/, '')

const firstSentence = text => /^.*?[.!?](?=\s|$)/.exec(text)?.[0].replace(/[.]$/, '') ?? text

/**
 * Why Electron ended at once, in half a sentence: what it said last about it, else its exit code or the signal that ended it.
 * `said` is the end of its standard error.
 */
export const whyElectronEnded = (code, signal, said) => {
  const lines = said.split('\n').filter(line => line.trim() !== '')
  const told = lines.find(line => /:FATAL:/.test(line)) ?? lines.findLast(line => /error|sandbox|cannot/i.test(line))
  const printable =
    told &&
    withoutPlace(told)
      .replace(/[^\P{C}\t]/gu, '')
      .trim()
  if (printable) return firstSentence(printable).slice(0, 160)
  return signal ? `it was ended at once by ${signal}` : `it ended at once with code ${code}`
}
