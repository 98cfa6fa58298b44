package io.fewlabel;

/** Takes the events of one job, as JSON of the contract, on threads of the engine. */
interface EventSink {

	void event(String json);
}
