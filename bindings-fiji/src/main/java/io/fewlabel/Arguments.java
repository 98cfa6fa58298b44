package io.fewlabel;

import com.google.gson.Gson;
import com.google.gson.JsonObject;

/** The arguments of a request, by the names of the reference page. A field that is not set has its default. */
abstract class Arguments<T extends Arguments<T>> {

	private final JsonObject args = new JsonObject();

	/**
	 * Sets a field. Whether there is such a field and the value suits it is said when the request is submitted.
	 *
	 * @param value text, a number, a boolean, or a list of them
	 */
	@SuppressWarnings("unchecked")
	public T set(String field, Object value) {
		args.add(field, new Gson().toJsonTree(value));
		return (T) this;
	}

	/** A copy of what was set. */
	final JsonObject args() {
		return args.deepCopy();
	}

	/** The envelope around arguments. */
	static String request(String entry, JsonObject args) {
		JsonObject request = new JsonObject();
		request.addProperty("contract", 1);
		request.addProperty("entry", entry);
		request.add("args", args);
		return request.toString();
	}
}
