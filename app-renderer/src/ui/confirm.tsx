import { create } from 'zustand'
import { DialogButtons } from './dialog-buttons.tsx'
import { Dialog } from './dialog.tsx'

interface Question {
  title: string
  /** What will happen, one or two sentences. */
  body?: string
  /** The imperative on the button: `Force off`. */
  action: string
  danger?: boolean
}

const useQuestion = create<{ asked: (Question & { answer: (yes: boolean) => void }) | null }>(() => ({ asked: null }))

/** Asks a person; false when they decline or another question takes its place. */
export const confirm = (question: Question): Promise<boolean> => {
  useQuestion.getState().asked?.answer(false)
  return new Promise(resolve => {
    const answer = (yes: boolean): void => {
      useQuestion.setState({ asked: null })
      resolve(yes)
    }
    useQuestion.setState({ asked: { ...question, answer } })
  })
}

/** Shows the question asked by `confirm`; mounted once. */
export const ConfirmHost = () => {
  const asked = useQuestion(state => state.asked)
  if (!asked) return null
  return (
    <Dialog
      title={asked.title}
      role="alertdialog"
      onClose={() => asked.answer(false)}
      footer={
        <DialogButtons
          action={asked.action}
          danger={asked.danger ?? false}
          careful
          onCancel={() => asked.answer(false)}
          onAction={() => asked.answer(true)}
        />
      }
    >
      {asked.body ? <p>{asked.body}</p> : null}
    </Dialog>
  )
}
