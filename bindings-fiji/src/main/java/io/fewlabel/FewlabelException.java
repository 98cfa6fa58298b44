package io.fewlabel;

/** What went wrong, with a stable code to branch on and a hint that says what to do. */
public class FewlabelException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String code;
	private final String hint;
	private final String details;

	/** For the native library, which finds this constructor by its types. */
	FewlabelException(String code, String message, String hint, String details) {
		super(message);
		this.code = code;
		this.hint = hint;
		this.details = details;
	}

	/**
	 * Something that went wrong on the Java side.
	 *
	 * @param code one of the codes of {@link #code()}
	 * @param message what was done, what happened and with which values
	 * @param hint what to do; null where nobody knows
	 */
	public FewlabelException(String code, String message, String hint) {
		this(code, message, hint, "{}");
	}

	FewlabelException(String code, String message, String hint, Throwable cause) {
		this(code, message, hint, "{}");
		initCause(cause);
	}

	/**
	 * What kind of thing went wrong: {@code invalid-request}, {@code not-found}, {@code unreadable-image}, {@code unsupported},
	 * {@code limit-exceeded}, {@code bad-model}, {@code too-few-labels}, {@code out-of-memory}, {@code learner-missing},
	 * {@code learner-lost}, {@code peer-lost}, {@code cancelled}, {@code io} or {@code internal}.
	 */
	public String code() {
		return code;
	}

	/** What to do about it; empty where nobody knows. */
	public String hint() {
		return hint == null ? "" : hint;
	}

	/** The whole error of the contract as JSON: operation, context, causes. */
	public String details() {
		return details;
	}

	/** Message and hint in one line, for people. */
	public String line() {
		return hint().isEmpty() ? getMessage() : getMessage() + "; " + hint();
	}
}
