//! Events on their way to Java.

use std::sync::OnceLock;

use fewlabel::contract::{Event, Sink};
use jni::objects::{JClass, JMethodID, JObject};
use jni::refs::Global;
use jni::signature::{Primitive, ReturnType};
use jni::{Env, JValue, JavaVM, jni_sig, jni_str};

use crate::error::Fault;

/// `EventSink.event(String)`, looked up in the first call from Java: on a thread of the engine the class would be looked for in
/// the wrong class loader. The class is held so that the number stays valid.
static METHOD: OnceLock<(Global<JClass<'static>>, JMethodID)> = OnceLock::new();

/// An object of Java that takes the events of one job as JSON.
pub struct JavaSink {
    object: Global<JObject<'static>>,
    method: JMethodID,
}

impl JavaSink {
    /// Holds an `io.fewlabel.EventSink`.
    ///
    /// # Errors
    /// `internal` when it cannot be held.
    pub fn new(env: &mut Env<'_>, sink: &JObject<'_>) -> Result<Self, Fault> {
        let (_, method) = match METHOD.get() {
            Some(found) => found,
            None => {
                let class = env.find_class(jni_str!("io/fewlabel/EventSink"))?;
                let method = env.get_method_id(&class, jni_str!("event"), jni_sig!("(Ljava/lang/String;)V"))?;
                let class = env.new_global_ref(class)?;
                METHOD.get_or_init(|| (class, method))
            }
        };
        Ok(Self { object: env.new_global_ref(sink)?, method: *method })
    }

    fn deliver(&self, event: &Event) -> Result<(), Fault> {
        let text = serde_json::to_string(event)?;
        // For this event only: a thread that stays attached would keep the virtual machine from ending, and must not end attached.
        JavaVM::singleton()?.attach_current_thread_for_scope(|env| {
            let text = env.new_string(text)?;
            let arguments = [JValue::Object(&text).as_jni()];
            let nothing = ReturnType::Primitive(Primitive::Void);
            // SAFETY: the method is that of the interface which the object implements (Java's types say so), it takes one
            // string and returns nothing.
            unsafe { env.call_method_unchecked(&self.object, self.method, nothing, &arguments)? };
            Ok(())
        })
    }
}

impl Sink for JavaSink {
    fn event(&self, event: Event) {
        // `Job` catches whatever its listener throws, so only a virtual machine that ends or has no memory fails here; the job
        // does not depend on who watches it.
        let _ = self.deliver(&event);
    }
}
