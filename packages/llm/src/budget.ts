import { LlmError } from "./llm-error.ts";

/** Limits of what may be spent, over all requests that share the budget. */
export interface BudgetSettings {
  /** Prompt and completion together. */
  tokens?: number;
  /** In the currency of the prices. */
  money?: number;
  /** For a million tokens each. Needed with `money`. */
  prices?: { prompt: number; completion: number };
}

export interface Spent {
  requests: number;
  tokens: { prompt: number; completion: number };
  /** Requests whose server counted nothing; their tokens are the estimate that was reserved. */
  estimated: number;
  /** 0 without prices. */
  money: number;
}

export interface Budget {
  readonly spent: Readonly<Spent>;
  /**
   * Sets tokens aside before a request and gives back what settles them: the counts that the server gave, or null when it gave none.
   * Throws "budget-spent" when what is spent, set aside and now asked for passes a limit.
   */
  reserve(tokens: {
    prompt: number;
    completion: number;
  }): (used: { prompt: number; completion: number } | null) => void;
}

/** A budget. The completion of a request is bounded by its `maxTokens`; its prompt is an estimate, so that a limit may be passed by the error of one round of prompts. */
export function createBudget({ tokens, money, prices }: BudgetSettings = {}): Budget {
  if (money !== undefined && prices === undefined)
    throw new RangeError("a budget of money needs the prices of a million prompt and completion tokens");
  const spent: Spent = { requests: 0, tokens: { prompt: 0, completion: 0 }, estimated: 0, money: 0 };
  const reserved = { prompt: 0, completion: 0 };
  const cost = (prompt: number, completion: number) =>
    prices === undefined ? 0 : (prompt * prices.prompt + completion * prices.completion) / 1e6;
  return {
    spent,
    reserve(asked) {
      const prompt = spent.tokens.prompt + reserved.prompt + asked.prompt;
      const completion = spent.tokens.completion + reserved.completion + asked.completion;
      if (tokens !== undefined && prompt + completion > tokens)
        throw new LlmError(
          "budget-spent",
          `the budget of ${tokens} tokens does not hold another request: ${spent.tokens.prompt + spent.tokens.completion} are spent; what was answered is kept, raise the budget to go on`,
        );
      if (money !== undefined && cost(prompt, completion) > money)
        throw new LlmError(
          "budget-spent",
          `the budget of ${money} does not hold another request: ${spent.money.toFixed(4)} is spent; what was answered is kept, raise the budget to go on`,
        );
      reserved.prompt += asked.prompt;
      reserved.completion += asked.completion;
      let settled = false;
      return (used) => {
        if (settled) return;
        settled = true;
        reserved.prompt -= asked.prompt;
        reserved.completion -= asked.completion;
        const real = used ?? asked;
        spent.requests += 1;
        if (used === null) spent.estimated += 1;
        spent.tokens.prompt += real.prompt;
        spent.tokens.completion += real.completion;
        spent.money = cost(spent.tokens.prompt, spent.tokens.completion);
      };
    },
  };
}
