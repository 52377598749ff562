import type { AppError } from '@vireo/app-main/contract'

/** What a program says may end without a full stop, and more follows here. */
const asSentence = (words: string): string => words.trim().replace(/([^.!?…:])$/u, '$1.')

/** What happened and what to do next, as running text. */
export const errorWords = ({ message, hint }: AppError): string =>
  [message, hint ?? '']
    .map(asSentence)
    .filter(words => words !== '')
    .join(' ')
