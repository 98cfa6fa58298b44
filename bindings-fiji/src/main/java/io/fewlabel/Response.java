package io.fewlabel;

import java.util.Map;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** What came out of a job. */
public final class Response {

	private final JsonObject response;
	private final boolean finishedEarly;

	private Response(JsonObject response, boolean finishedEarly) {
		this.response = response;
		this.finishedEarly = finishedEarly;
	}

	static Response ofOutcome(String json) {
		JsonObject outcome = JsonParser.parseString(json).getAsJsonObject();
		return new Response(outcome.getAsJsonObject("response"), outcome.get("status").getAsString().equals("finished-early"));
	}

	/** Which entry point answered: {@code segment}, {@code train}. */
	public String entry() {
		return response.get("entry").getAsString();
	}

	/** The fields of the result, as the reference page lists them: text, {@code Double}, {@code Boolean}, list or map. */
	@SuppressWarnings("unchecked")
	public Map<String, Object> result() {
		return new Gson().fromJson(response.get("result"), Map.class);
	}

	/** Whether somebody asked to stop, and the best so far was kept. */
	public boolean finishedEarly() {
		return finishedEarly;
	}

	/** The whole response as JSON. */
	public String json() {
		return response.toString();
	}

	/** The response without what differs between machines and runs, byte for byte what every other face of Fewlabel gives. */
	public String canonical() {
		return Native.canonicalResponse(json());
	}
}
