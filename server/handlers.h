#pragma once

// The functions behind the routes; routes.cpp says which is whose.

#include "server/call.h"

namespace server {

// objects.cpp: what the board knows.
Result<Response> list_objects(const Call& call);
Result<Response> show_object(const Call& call);
Result<Response> list_decisions(const Call& call);
Result<Response> list_points(const Call& call);
Result<Response> explain_object(const Call& call);

// events.cpp: changes as they happen.
Result<Response> stream_events(const Call& call);

// warnings.cpp: what is odd about what we are asked and sent.
Task<Result<Response>> list_warnings(Call call);

// series.cpp: what the store knows.
Task<Result<Response>> query_series(Call call);
Task<Result<Response>> top(Call call);

// status.cpp: what the store holds, and of whom.
Task<Result<Response>> show_store_status(Call call);

// memstore.cpp: otel-add-on's API.
Result<Response> show_info(const Call& call);
Task<Result<Response>> query_memstore(Call call);
Task<Result<Response>> reset_memstore(Call call);

// memstore_listing.cpp: its listings.
Task<Result<Response>> list_names(Call call);
Task<Result<Response>> list_data(Call call);

// pages.cpp: the web page, the document, and health.
Result<Response> show_page(const Call& call);
Result<Response> show_asset(const Call& call);
Result<Response> redirect_to_api_page(const Call& call);
Result<Response> show_openapi(const Call& call);
Result<Response> show_health(const Call& call);
Result<Response> show_readiness(const Call& call);

}  // namespace server
