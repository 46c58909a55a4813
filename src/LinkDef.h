#ifdef __CLING__

// clang-format off: rootcling reads these lines by itself.
#pragma link off all globals;
#pragma link off all classes;
#pragma link off all functions;

#pragma link C++ nestedclasses;

// The templates are left out: with them in the dictionary, a macro that includes TMVA/RModel.hxx would parse their headers while it
// is still reading that one.
#pragma link C++ class TMVA::Experimental::SOFIE::Dim-;
#pragma link C++ class TMVA::Experimental::SOFIE::InputTensorInfo-;
#pragma link C++ class TMVA::Experimental::SOFIE::TensorInfo-;
#pragma link C++ class TMVA::Experimental::SOFIE::DynamicTensorInfo-;
#pragma link C++ class TMVA::Experimental::SOFIE::InitializedTensor-;
#pragma link C++ class TMVA::Experimental::SOFIE::RModel_Base-;
#pragma link C++ class TMVA::Experimental::SOFIE::RModel-;
#pragma link C++ class TMVA::Experimental::SOFIE::ROperator-;
#pragma link C++ class TMVA::Experimental::RSofieReader-;

#endif
